import { expect } from 'vitest'
import { envelopeKinds } from '../../../src/envelope/index.ts'
import { noBody, openProbe } from '../../support/raw-peer.ts'
import { connected, startCall, value } from '../../support/sessions.ts'
import { type Case, compression, expectPattern, pattern, succeeds } from './case.ts'

async function closesFor(payloads: readonly Uint8Array[], code: string): Promise<void> {
  for (const payload of payloads) {
    const { peer, time, recorder } = await openProbe('server')
    recorder.onCall = (call) => call.respond(value('ok'))
    peer.send({ kind: 'call', callId: 1, procedure: 'a/b', upload: false, metadata: {}, body: noBody })
    peer.sendFrame(payload)
    await time.advance(2_000)
    expect(peer.kinds).toEqual(['result', 'goaway'])
    expect(recorder.closes).toMatchObject([{ code }])
  }
}

/** Scenarios of Autobahn. */
export const autobahn: Readonly<Record<string, Case>> = {
  'autobahn: 1 Framing': async () => {
    for (const size of [0, 125, 126, 127, 128, 65_535, 65_536]) await succeeds(size, size)
    const { time, client, server } = await connected({ pair: { chunking: { bytes: 997 } } })
    server.recorder.onCall = (call) => call.respond(call.input)
    const outcome = startCall(client.session, 'a/b', { input: pattern(65_536) })
    await time.settle()
    expectPattern(outcome.body, 65_536)
  },
  'autobahn: 2 Pings/Pongs': {
    skip: 'the heartbeat has tests of its own',
    shownBy: [
      ['heartbeat.test.ts', 'pings of the peer', 'are answered one by one in order with their token'],
      [
        'heartbeat.test.ts',
        'pings of the peer',
        'that nobody sent may be answered: a pong on its own is ignored',
      ],
    ],
  },
  'autobahn: 3 Reserved bits': () =>
    closesFor(
      [0x08, 0x10, 0x20, 0x40, 0x80].map((bit) => Uint8Array.of(0x04, bit, 1)),
      'MALFORMED_ENVELOPE',
    ),
  'autobahn: 4 Opcodes': () =>
    closesFor(
      Array.from({ length: 0x80 }, (_, kind) => kind)
        .filter((kind) => !Object.values<number>(envelopeKinds).includes(kind))
        .flatMap((kind) => [Uint8Array.of(kind), Uint8Array.of(kind, 0, 1, 2, 3)]),
      'UNKNOWN_KIND',
    ),
  'autobahn: 5 Fragmentation': {
    skip: 'bodies in pieces have tests of their own',
    shownBy: [
      [
        'pieces-sent.test.ts',
        'a body of several pieces',
        'goes out in turn with those of other calls, and a short answer does not wait behind a long one',
      ],
      [
        'pieces-received.test.ts',
        'a body that comes in pieces',
        'with %s ends the session',
        'a piece that has no first piece',
      ],
      ['pieces-received.test.ts', 'a body that comes in pieces', 'has no %s inside it'],
    ],
  },
  'autobahn: 6 UTF-8 handling': () =>
    closesFor(
      [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf8, 0x88, 0x80, 0x80, 0x80]].map((text) =>
        Uint8Array.of(0x03, 0x00, 0x03, text.length, ...text),
      ),
      'MALFORMED_ENVELOPE',
    ),
  'autobahn: 7 Close handling': {
    skip: 'the close has tests of its own',
    shownBy: [
      [
        'closing.test.ts',
        'an orderly close',
        'is the same however often it is asked for, and from both sides at once',
      ],
      [
        'closing.test.ts',
        'an orderly close',
        'lets no side start a call afterwards: they fail unsent with UNAVAILABLE',
      ],
      ['goaway.test.ts', 'a goaway of the peer', 'may come twice'],
      [
        'goaway.test.ts',
        'a goaway of the peer',
        'with a code of a later version is a lost connection that names it',
      ],
      [
        'goaway.test.ts',
        'a goaway of the peer',
        'is for one direction: calls that its sender makes are still taken',
      ],
    ],
  },
  'autobahn: 9 Limits/Performance': async () => {
    const limits = { frameBytesMax: 17 * 1024 * 1024, bodyBytesMax: 16 * 1024 * 1024 }
    const { time, client, server } = await connected({
      client: { limits },
      server: { limits },
      pair: { chunking: { bytes: 1 << 24 }, windowBytes: 1 << 25 },
    })
    server.recorder.onCall = (call) => call.respond(call.input)
    for (const size of [64 * 1024, 16 * 1024 * 1024]) {
      const outcome = startCall(client.session, 'a/b', { input: pattern(size) })
      await time.settle()
      expectPattern(outcome.body, size)
    }
  },
  'autobahn: 10 Misc': async () => {
    const { time, client, server } = await connected({ pair: { chunking: { bytes: 1_300 } } })
    server.recorder.onCall = (call) => call.respond(call.input)
    const outcome = startCall(client.session, 'a/b', { input: pattern(65_536) })
    await time.settle()
    expectPattern(outcome.body, 65_536)
  },
  'autobahn: 12/13 Compression': compression,
}
