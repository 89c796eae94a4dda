import { expect } from 'vitest'
import type { Envelope } from '../../../src/envelope/index.ts'
import { credit, json, openProbe } from '../../support/raw-peer.ts'
import { connected, startCall, value } from '../../support/sessions.ts'
import { type Case, streamsItems, succeeds } from './case.ts'

/** The server cuts the connection inside of an answer. */
async function cutAfter(envelopes: readonly Envelope[], tail: Uint8Array = new Uint8Array(0)): Promise<void> {
  const { peer, time, session } = await openProbe('client')
  const outcome = startCall(session, 'a/b')
  await time.settle()
  peer.send(...envelopes)
  peer.sendBytes(tail)
  await time.settle()
  peer.stream.abort()
  await time.advance(5_000)
  expect(outcome.settlements).toMatchObject([
    { error: { code: 'UNAVAILABLE', maybeExecuted: true }, body: { kind: 'none' } },
  ])
}

/** Scenarios of the HTTP/2 negative tests of gRPC, and of its keep-alive. */
export const http2AndKeepalive: Readonly<Record<string, Case>> = {
  'http2: goaway': async () => {
    const first = await connected()
    first.server.recorder.onCall = (call) => call.respond(value(1))
    const one = startCall(first.client.session)
    await first.time.settle()
    void first.server.session.close()
    await first.time.settle()
    const refused = startCall(first.client.session)
    await first.time.settle()
    expect([one.code, refused.error?.code, refused.error?.maybeExecuted]).toEqual([
      'OK',
      'UNAVAILABLE',
      false,
    ])
    await succeeds(1, 1)
  },
  'http2: rst_after_header': () => cutAfter([]),
  'http2: rst_during_data': () => cutAfter([], Uint8Array.of(0, 0, 0, 9, 4, 1, 1, 0x22)),
  'http2: rst_after_data': () => cutAfter([{ kind: 'pong', token: 1 }]),
  'http2: ping': async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session, 'a/b', { initialCredit: credit(1) })
    peer.send(
      { kind: 'ping', token: 1 },
      { kind: 'item', callId: 1, sequence: 0, body: json('1') },
      { kind: 'ping', token: 2 },
      { kind: 'end', callId: 1, metadata: {} },
      { kind: 'ping', token: 3 },
    )
    await time.settle()
    expect([outcome.code, peer.all('pong').map(({ token }) => token)]).toEqual(['OK', [1, 2, 3]])
  },
  'http2: max_streams': {
    skip: 'the limits have tests of their own',
    shownBy: [
      [
        'limits.test.ts',
        'callsInFlightMax',
        'makes the caller wait for a slot: ten calls, one at a time, all answered',
      ],
    ],
  },
  'http2: data_frame_padding / no_df_padding_sanity': () =>
    streamsItems(Array.from({ length: 3_000 }, () => 5)),
  'keepalive: client pings too often': {
    skip: 'the heartbeat has tests of its own',
    shownBy: [
      ['heartbeat.test.ts', 'pings of the peer', 'close the session when %i come at once and 10 are allowed'],
    ],
  },
  'keepalive: ping with no call in flight and not permitted': {
    skip: 'pings without calls are allowed here: a connection for events has none. They count in the same allowance',
    shownBy: [['heartbeat.test.ts', 'pings of the peer', 'may fill the burst and then come once a second']],
  },
  'keepalive: ping not answered': {
    skip: 'the heartbeat has tests of its own',
    shownBy: [
      [
        'heartbeat.test.ts',
        'a heartbeat',
        'closes heartbeatTimeoutMs after an unanswered ping, and its calls fail as maybe executed',
      ],
    ],
  },
  'keepalive: no ping without calls by default': {
    skip: 'this protocol pings idle connections on purpose: routers forget them, and events must arrive',
    shownBy: [
      [
        'heartbeat.test.ts',
        'a heartbeat',
        'pings when nothing came for heartbeatIntervalMs, once per silence',
      ],
    ],
  },
}
