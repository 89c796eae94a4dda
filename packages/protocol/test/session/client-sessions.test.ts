import { attachFrames } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import {
  type ClientSessionOptions,
  createClientSession,
  createSession,
  type SessionOptions,
} from '../../src/session/index.ts'
import { network } from '../support/network.ts'
import { openSide, Recorder, startCall, value } from '../support/sessions.ts'

/** A client session that cannot send events, and a server, after their handshake. */
async function connectedClient() {
  const { time, a, b } = network()
  const server = openSide('server', time, b)
  const handlers = new Recorder()
  const session = createClientSession({ role: 'client', environment: time, handlers, contracts: [] })
  session.attach(attachFrames(a))
  await time.settle()
  return { time, server, session, handlers }
}

const event = { event: 'chat/said', topic: '"t"', body: value(1) }

describe('the session of a client', () => {
  it('makes calls, answers calls, and receives events', async () => {
    const { time, server, session, handlers } = await connectedClient()
    server.recorder.onCall = (call) => call.respond(value('from the server'))
    handlers.onCall = (call) => call.respond(value('from the client'))
    const call = startCall(session)
    const callBack = startCall(server.session)
    expect(server.session.emit(event)).toBe('sent')
    await time.settle()
    expect([call.value, callBack.value]).toEqual(['from the server', 'from the client'])
    expect(handlers.events).toEqual([event])
  })

  it('sends no events: emit gives closed, and no event is awaited', async () => {
    const { time, server, session } = await connectedClient()
    expect(session.emit(event)).toBe('closed')
    session.leaveOut({ ...event, whenSlow: 'block', payload: new Uint8Array(), bodyBytes: 0, bytes: 0 })
    session.sendGap({ event: event.event, topic: event.topic, events: 1 })
    expect(await session.eventsSent()).toBe(false)
    expect(await session.eventsDrained()).toBe(false)
    expect(session.eventBytesWaiting).toBe(0)
    await time.settle()
    expect(server.recorder.events).toEqual([])
  })

  it('closes in order', async () => {
    const { time, server, session, handlers } = await connectedClient()
    const closed = session.close()
    await time.settle()
    await closed
    expect(handlers.closes).toMatchObject([{ code: 'CLOSED' }])
    expect(server.recorder.closes).toMatchObject([{ code: 'CLOSED' }])
  })

  it('is refused for a server, and for invalid options', () => {
    const { time } = network()
    const options: SessionOptions = {
      role: 'server',
      environment: time,
      handlers: new Recorder(),
      contracts: [],
    }
    expect(() => createClientSession(options as ClientSessionOptions)).toThrow(
      "cannot create the session: role is 'server': use createSession for a server",
    )
    expect(() => createSession(options)).not.toThrow()
    expect(() => createClientSession({ ...options, role: 'x' } as never)).toThrow("not 'client' or 'server'")
  })
})
