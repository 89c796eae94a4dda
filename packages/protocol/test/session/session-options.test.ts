import { attachFrames } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/index.ts'
import { createSession, createSessionHost, type SessionOptions } from '../../src/session/index.ts'
import { network } from '../support/network.ts'
import { Recorder, startCall } from '../support/sessions.ts'

function rightOptions() {
  const { time, a: stream } = network()
  const started: unknown[] = []
  const start = stream.start.bind(stream)
  stream.start = (sink) => {
    started.push(sink)
    start(sink)
  }
  const handlers = new Recorder()
  const options: SessionOptions = { role: 'client', environment: time, handlers, contracts: [] }
  return { options, channel: attachFrames(stream), started, time }
}

function errorOf(options: unknown): unknown {
  try {
    createSession(options as SessionOptions)
  } catch (error) {
    return error
  }
  return undefined
}

const notOptions: readonly unknown[] = [undefined, null, 5, 'x', true, 1n, Symbol('x'), () => undefined, []]

const wrong: readonly (readonly [keyof SessionOptions, unknown, string])[] = [
  ['role', 'Client', "role is \"Client\", not 'client' or 'server'"],
  ['role', undefined, "role is undefined, not 'client' or 'server'"],
  ['environment', undefined, 'environment is missing'],
  ['environment', { nowMs: () => 0 }, 'environment is an object without the methods setTimer, random'],
  [
    'environment',
    { nowMs: () => 0, setTimer: () => ({ cancel() {} }), random: () => 0, nextTurn: 5 },
    'environment.nextTurn is 5, not a function',
  ],
  ['host', 5, 'host is 5, not the object that createSessionHost returned'],
  ['host', null, 'host is null, not the object that createSessionHost returned'],
  ['host', { turns: {}, memory: {} }, 'host is an object, not the object that createSessionHost returned'],
  ['handlers', undefined, 'handlers is missing'],
  [
    'handlers',
    { opened: () => undefined },
    'handlers is an object without the methods call, event, goaway, closed',
  ],
  ['contracts', undefined, 'contracts is undefined, not an array'],
  ['contracts', {}, 'contracts is an object, not an array'],
  ['auth', 'secret', 'auth is "secret", not an object'],
  ['metadata', { tenant: 5 }, 'metadata["tenant"] is 5, not a string'],
]

describe('a session is refused', () => {
  it.each(notOptions)('when its options are %s', (value) => {
    const error = errorOf(value)
    expect(ProtocolError.is(error)).toBe(true)
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('options is') })
  })

  it.each(wrong)('with %s: %j', (name, value, text) => {
    const { options } = rightOptions()
    const error = errorOf({ ...options, [name]: value })
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(text) })
  })

  it.each([
    ['contracts', (name: string) => `${name} throws when it is read`],
    ['environment', (name: string) => `${name}.nextTurn throws when it is read`],
    ['environment', (name: string) => `${name}.setTimer throws when it is read`],
    ['handlers', (name: string) => `${name}.hello throws when it is read`],
    ['handlers', (name: string) => `${name}.opened throws when it is read`],
  ] as const)(
    'with %s that throw when they are read, and the error has that error as its cause',
    (name, problem) => {
      const { options } = rightOptions()
      const cause = new Error('mine')
      const { proxy, revoke } = Proxy.revocable([], {})
      revoke()
      const text = problem(name)
      const member = text.slice(name.length + 1, text.indexOf(' '))
      const unreadable = new Proxy((options[name as keyof SessionOptions] ?? {}) as object, {
        get(target, key) {
          if (member === '' || key === member) throw cause
          return Reflect.get(target, key)
        },
      })
      const error = errorOf({ ...options, [name]: name === 'contracts' ? proxy : unreadable })
      expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(text) })
      expect((error as Error).cause).toBeDefined()
    },
  )

  it('with a host of another origin, which is not read', () => {
    const { options } = rightOptions()
    const host = new Proxy(
      {},
      {
        get: () => {
          throw new Error('mine')
        },
      },
    )
    expect(errorOf({ ...options, host })).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(', not the object that createSessionHost returned'),
    })
  })

  it.each(['turns', 'memory'])('with a host whose %s have another origin', (part) => {
    const { options } = rightOptions()
    const host = createSessionHost({ environment: options.environment, turnMs: 10, memoryBytesMax: 2 ** 28 })
    expect(errorOf({ ...options, host: { ...host, [part]: {} } })).toMatchObject({ code: 'INVALID_OPTION' })
    expect(errorOf({ ...options, host })).toBeUndefined()
  })

  it('with an unknown option, and the similar one is suggested', () => {
    const { options } = rightOptions()
    const error = errorOf({ ...options, contract: [] })
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('did you mean contracts?'),
    })
  })
})

describe('a session', () => {
  it('starts its channel once, and accepts no second one', async () => {
    const { options, channel, started, time } = rightOptions()
    const session = createSession(options)
    expect(started).toEqual([])
    session.attach(channel)
    expect(started).toHaveLength(1)
    const second = rightOptions()
    expect(() => session.attach(second.channel)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('it already has one'),
      }),
    )
    expect(second.started).toEqual([])
    session.abort({ code: 'ABORTED', message: 'the test is over' })
    await time.advance(0)
    expect(time.timers).toEqual([])
  })

  it.each([
    [undefined, 'channel is null, not a FrameChannel'],
    [null, 'channel is null, not a FrameChannel'],
    [{}, 'without the methods start, send, drained, pause, resume, end, abort'],
  ])('refuses %j as a channel, and still accepts a valid one', async (wrongChannel, text) => {
    const { options, channel, started, time } = rightOptions()
    const session = createSession(options)
    expect(() => session.attach(wrongChannel as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    )
    session.attach(channel)
    expect(started).toHaveLength(1)
    session.abort({ code: 'ABORTED', message: 'the test is over' })
    await time.advance(0)
  })

  it('closes when its channel does not start, and throws the error of the channel', async () => {
    const { options, channel, time } = rightOptions()
    const recorder = new Recorder()
    const session = createSession({ ...options, handlers: recorder })
    channel.start = () => {
      throw new Error('in use')
    }
    expect(() => session.attach(channel)).toThrow('in use')
    await time.advance(0)
    expect([session.state, recorder.closes]).toMatchObject(['closed', [{ code: 'ABORTED' }]])
    expect(time.timers).toEqual([])
  })
})

describe('a session without a channel', () => {
  it('has statistics', () => {
    const { options } = rightOptions()
    const session = createSession(options)
    startCall(session, 'a/b', { input: { kind: 'raw', bytes: new Uint8Array(100) } })
    expect(session.stats()).toMatchObject({
      callsInFlight: 1,
      memory: { frameBytes: 0, queuedBytes: 0, waitingBytes: 100 },
    })
  })

  it('keeps calls and their deadlines, and closes without a channel', async () => {
    const { options, channel, started, time } = rightOptions()
    const recorder = new Recorder()
    const session = createSession({ ...options, handlers: recorder })
    const late = startCall(session, 'chat/join', { deadlineMs: 250 })
    const waiting = startCall(session)
    await time.advance(250)
    expect([late.code, waiting.code]).toEqual(['DEADLINE_EXCEEDED', 'PENDING'])
    void session.close()
    await time.advance(0)
    expect([waiting.code, session.state, recorder.closes]).toEqual([
      'UNAVAILABLE',
      'closed',
      [{ code: 'CLOSED', message: 'this side was closed', closedBy: 'local' }],
    ])
    session.attach(channel)
    await time.advance(0)
    expect([started, time.timers]).toEqual([[], []])
  })

  it('is refused when its hello cannot be encoded', () => {
    const { options } = rightOptions()
    const metadata = { ['k'.repeat(3)]: '\ud800' }
    expect(() => createSession({ ...options, metadata })).toThrow(ProtocolError as never)
  })
})
