import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/index.ts'
import { connected, raw, startCall, value } from '../support/sessions.ts'

describe('a call', () => {
  it('carries its input and metadata to the callee, and the result back', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => call.respond(value({ echo: call.input, from: call.metadata.from }))
    const outcome = startCall(client.session, 'chat/join', {
      input: value('lobby'),
      metadata: { from: 'guest' },
    })
    await time.settle()
    expect(outcome.settlements).toEqual([
      { error: undefined, body: value({ echo: value('lobby'), from: 'guest' }) },
    ])
    expect(client.session.callsInFlight + server.session.callsInFlight).toBe(0)
  })

  it('of a server to its client is answered, and has an even id', async () => {
    const { time, client, server } = await connected()
    client.recorder.onCall = (call) => call.respond(value('yes'))
    const outcome = startCall(server.session, 'chat/confirm')
    await time.settle()
    expect(outcome.value).toBe('yes')
    expect(outcome.call.id).toBe(2)
  })

  it('fails with the code, the text and the data of the handler', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) =>
      call.fail(new RpcError('NAME_TAKEN', 'taken', { data: { try: 'guest2' } }))
    const outcome = startCall(client.session)
    await time.settle()
    expect(outcome.error).toMatchObject({ code: 'NAME_TAKEN', message: 'taken', data: { try: 'guest2' } })
  })

  it('carries raw bytes that the receiver owns', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => call.respond(call.input)
    const outcome = startCall(client.session, 'files/put', { input: raw(Uint8Array.of(1, 2, 3)) })
    await time.settle()
    expect(outcome.body).toEqual(raw(Uint8Array.of(1, 2, 3)))
    expect(server.recorder.calls[0]?.input).toEqual(raw(Uint8Array.of(1, 2, 3)))
  })

  it('reports to its callee that the answer was given, or that it cannot be sent', async () => {
    const { time, client, server } = await connected()
    const given: string[] = []
    const instead: string[] = []
    const answers = [value(1), value(1n), value('later')]
    server.recorder.onCall = (call) =>
      call.respond(answers.shift()!, {
        unsendable(error) {
          instead.push(`${call.id} ${error.code}`)
          return error
        },
        given: () => void given.push(`${call.id}`),
      })
    const outcomes = [startCall(client.session), startCall(client.session), startCall(client.session)]
    await time.settle()
    expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, 'INTERNAL', undefined])
    expect([given, instead]).toEqual([['1', '5'], ['3 INTERNAL']])
  })
})

describe('an orderly close', () => {
  it('closes both sides with CLOSED and leaves no timer', async () => {
    const { time, client, server } = await connected()
    const closed = client.session.close()
    await time.settle()
    await closed
    expect(client.recorder.closes.map(({ code }) => code)).toEqual(['CLOSED'])
    expect(server.recorder.closes.map(({ code }) => code)).toEqual(['CLOSED'])
    expect(time.timers).toEqual([])
  })
})
