import { expect } from 'vitest'
import type { Credit } from '../../../src/envelope/index.ts'
import { RpcError } from '../../../src/index.ts'
import { credit, json, openProbe } from '../../support/raw-peer.ts'
import { connected, startCall } from '../../support/sessions.ts'
import { type Case, cancelled, fails, pattern, streamsItems, succeeds, unanswered } from './case.ts'
import { bothWays, cancelledUpload, refusedItem, uploadsItems } from './upload-cases.ts'

const timesOut = (options: { readonly initialCredit?: Credit; readonly upload?: boolean } = {}) =>
  unanswered({ ...options, deadlineMs: 200 }, (_, { time }) => time.advance(1_500), 'DEADLINE_EXCEEDED')

async function deadlineSeen(
  options: { readonly initialCredit?: Credit; readonly upload?: boolean } = {},
): Promise<void> {
  const { time, client, server } = await connected()
  server.recorder.onCall = (call) => {
    expect(call.deadlineAtMs).toBe(time.nowMs() + 2_000)
    if (options.initialCredit !== undefined) call.end()
    else call.respond({ kind: 'none' })
  }
  const outcome = startCall(client.session, 'a/b', { ...options, deadlineMs: 2_000 })
  await time.settle()
  expect(outcome.code).toBe('OK')
}

async function refusedBody(
  length: number,
  code: string,
  options: { readonly initialCredit?: Credit } = {},
): Promise<void> {
  const { time, client, server } = await connected({ server: { limits: { bodyBytesMax: 200_000 } } })
  server.recorder.onCall = (call) => call.respond({ kind: 'none' })
  const outcome = startCall(client.session, 'a/b', { ...options, input: pattern(length) })
  await time.settle()
  expect([outcome.code, client.session.state]).toEqual([code, 'open'])
}

/** Scenarios of Connect conformance. */
export const connectConformance: Readonly<Record<string, Case>> = {
  'timeouts: unary': () => timesOut(),
  'timeouts: client-stream': () => timesOut({ upload: true }),
  'timeouts: server-stream': () => timesOut({ initialCredit: credit(1) }),
  'timeouts: bidi-stream/half-duplex': () => timesOut({ upload: true, ...bothWays }),
  'timeouts: bidi-stream/full-duplex': () => timesOut({ upload: true, ...bothWays }),
  'deadline_propagation: unary/success': () => deadlineSeen(),
  'deadline_propagation: client-stream/success': () => deadlineSeen({ upload: true }),
  'deadline_propagation: server-stream/success': () => deadlineSeen({ initialCredit: credit(1) }),
  'deadline_propagation: bidi-stream/full-duplex/success': () => deadlineSeen({ upload: true, ...bothWays }),
  'server_empty: unary/empty-request': () => succeeds(0, 0),
  'server_empty: client-stream/empty-request': () => uploadsItems([], { answers: 'sum' }),
  'server_empty: server-stream/empty-request': async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => call.end()
    const outcome = startCall(client.session, 'a/b', { initialCredit: credit(0), input: pattern(0) })
    await time.settle()
    expect([outcome.code, server.recorder.calls[0]?.input]).toEqual(['OK', pattern(0)])
  },
  'server_empty: bidi-stream/half-duplex/empty-request': () =>
    uploadsItems([], { answers: 'each at the end' }),
  'server_message_size: unary/request-equal-to-server-limit': () => refusedBody(200_000, 'OK'),
  'server_message_size: unary/request-exceeds-server-limit': () => refusedBody(200_010, 'RESOURCE_EXHAUSTED'),
  'server_message_size: client-stream/all-requests-equal-to-server-limit': () =>
    uploadsItems([200_000, 200_000, 200_000], { answers: 'sum', limits: { bodyBytesMax: 200_000 } }),
  'server_message_size: client-stream/first-request-exceeds-server-limit': () => refusedItem([200_010]),
  'server_message_size: client-stream/subsequent-request-exceeds-server-limit': () =>
    refusedItem([200_000, 200_010]),
  'server_message_size: server-stream/request-exceeds-server-limit': () =>
    refusedBody(200_010, 'RESOURCE_EXHAUSTED', { initialCredit: credit(1) }),
  'client_cancellation: unary/cancel-after-close-send': () => cancelled(),
  'client_cancellation: client-stream/cancel-before-close-send': () => cancelledUpload(false),
  'client_cancellation: client-stream/cancel-after-close-send': () => cancelledUpload(true),
  'client_cancellation: server-stream/cancel-after-close-send': () => cancelled({ initialCredit: credit(1) }),
  'client_cancellation: server-stream/cancel-after-responses': async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session, 'a/b', { initialCredit: credit(2) })
    peer.send({ kind: 'item', callId: 1, sequence: 0, body: json('1') })
    await time.settle()
    outcome.call.cancel()
    peer.send(
      { kind: 'item', callId: 1, sequence: 1, body: json('2') },
      { kind: 'end', callId: 1, metadata: {} },
    )
    await time.settle()
    expect([outcome.items.length, outcome.code, session.state]).toEqual([1, 'CANCELLED', 'open'])
  },
  'basic: server-stream/no-responses': () => streamsItems([]),
  'client_unexpected: unmapped / nonexistent status code': () =>
    fails(new RpcError('CODE_OF_TOMORROW', 'x'), 'CODE_OF_TOMORROW'),
  'server_unexpected: unexpected content type': {
    skip: 'a codec is negotiated once, in the hello',
    shownBy: [
      [
        'handshake.test.ts',
        'a hello that is refused',
        '%s is answered by a goaway that says so',
        'because of its codecs',
      ],
    ],
  },
}
