import { expect, it } from 'vitest'
import { RpcError } from '../../src/rpc-error.ts'
import type { IncomingCall } from '../../src/session/index.ts'
import { connected, startCall, value } from '../support/sessions.ts'

const stream = { initialCredit: { items: 10, bytes: 1_000 } }

it.each<[string, (call: IncomingCall) => unknown, object]>([
  [
    'throws',
    () => {
      throw new Error('broken')
    },
    {},
  ],
  ['rejects', () => Promise.reject(new Error('broken')), {}],
  ['returns no result for a unary call', (call) => call.end(), {}],
  ['returns a result for a stream', (call) => call.respond(value(1)), stream],
  ['returns a result that cannot be encoded', (call) => call.respond(value(1n)), {}],
  [
    'fails with data that cannot be encoded',
    (call) => call.fail(new RpcError('TAKEN', 'it is taken', { data: 1n })),
    {},
  ],
])('marks the failure of a call whose handler %s as maybe executed', async (_, handler, options) => {
  const { time, client, server } = await connected()
  server.recorder.onCall = handler
  const outcome = startCall(client.session, 'a/b', options)
  await time.advance(1)
  expect(outcome.error).toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
})

it('marks a failure whose data exceed the limit of the caller as maybe executed', async () => {
  const { time, client, server } = await connected({ client: { limits: { bodyBytesMax: 10 } } })
  server.recorder.onCall = (call) => call.fail(new RpcError('TAKEN', 'it is taken', { data: 'x'.repeat(20) }))
  const outcome = startCall(client.session)
  await time.advance(1)
  expect(outcome.error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', maybeExecuted: true })
})

it('keeps the maybeExecuted of a failure that the handler gives', async () => {
  const { time, client, server } = await connected()
  server.recorder.onCall = (call) => call.fail(new RpcError('TAKEN', 'it is taken', { data: 'by you' }))
  const outcome = startCall(client.session)
  await time.advance(1)
  expect(outcome.error).toMatchObject({ code: 'TAKEN', maybeExecuted: false, data: 'by you' })
})
