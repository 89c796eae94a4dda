import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/index.ts'
import { createSession, type SessionOptions } from '../../src/session/index.ts'
import { Recorder } from '../support/sessions.ts'
import { streamPair } from '../support/stream-pair.ts'
import { VirtualTime } from '../support/virtual-time.ts'

function rightOptions() {
  const time = new VirtualTime()
  const [stream] = streamPair(time)
  const started: unknown[] = []
  const start = stream.start.bind(stream)
  stream.start = (sink) => {
    started.push(sink)
    start(sink)
  }
  const handlers = new Recorder()
  const options: SessionOptions = { role: 'client', stream, environment: time, handlers, contracts: [] }
  return { options, started, time }
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
  ['stream', undefined, 'stream is missing'],
  ['stream', null, 'stream is null, not a ByteStream'],
  ['stream', {}, 'without the methods start, send, pause, resume, end, abort'],
  ['environment', undefined, 'environment is missing'],
  ['environment', { nowMs: () => 0 }, 'without the methods setTimer, random'],
  ['handlers', undefined, 'handlers is missing'],
  ['handlers', { opened: () => undefined }, 'without the methods call, event, goaway, closed'],
  ['contracts', undefined, 'contracts is undefined, not an array'],
  ['contracts', {}, 'contracts is an object, not an array'],
  ['auth', 'secret', 'auth is "secret", not an object'],
  ['metadata', { tenant: 5 }, 'metadata["tenant"] is 5, not a string'],
]

describe('a session is not made, and its stream not started,', () => {
  it.each(notOptions)('of %s in the place of options', (value) => {
    const error = errorOf(value)
    expect(ProtocolError.is(error)).toBe(true)
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('options is') })
  })

  it.each(wrong)('with %s: %j', (name, value, text) => {
    const { options, started } = rightOptions()
    const error = errorOf({ ...options, [name]: value })
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(text) })
    expect(started).toEqual([])
  })

  it('with an unknown option, and says which one was probably meant', () => {
    const { options, started } = rightOptions()
    const error = errorOf({ ...options, contract: [] })
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('did you mean contracts?'),
    })
    expect(started).toEqual([])
  })
})

it('a session is made of right options, and starts its stream once', async () => {
  const { options, started, time } = rightOptions()
  const session = createSession(options)
  expect(started).toHaveLength(1)
  session.abort({ code: 'ABORTED', message: 'the test is over' })
  await time.advance(0)
  expect(time.timers).toBe(0)
})
