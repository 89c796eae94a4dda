import { type Connector, createClient, safe } from '@frameport/client'
import type { FrameChannel } from '@frameport/framing'
import { contract, procedure } from '@frameport/protocol'
import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'

const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })
const never = () => new Promise<never>(() => {})
const methods = ['start', 'send', 'drained', 'pause', 'resume', 'end', 'abort']
const stream = Object.fromEntries(methods.map((name) => [name, () => undefined]))

describe('a value that is almost a target', () => {
  it.each<[string, unknown, string]>([
    ['a connector without url', { connect: never }, 'url of the connector is undefined, not a string'],
    ['a connector with another url', { connect: never, url: 5 }, 'url of the connector is 5, not a string'],
    [
      'a connector without connect',
      { url: 'pipe:x' },
      'the target is an object without the methods connect, not a Connector',
    ],
    [
      'a release that is not a function',
      { connect: never, url: 'pipe:x', release: 5 },
      'release of the connector is 5, not a function',
    ],
    ['an acceptor', { listen: never, url: 'pipe:x' }, 'the target is an Acceptor, which is for servers'],
    ['a promise', Promise.resolve(stream), 'the target is a promise: await it, or give a Connector'],
    [
      'an incomplete stream',
      { ...stream, drained: undefined },
      'the target is an object without the methods drained, not a ByteStream',
    ],
    [
      'an incomplete channel',
      { ...stream, receiveBytesMax: 1, queuedBytes: 0 },
      'the target is an object without sendBytesMax and frameOverheadBytes, not a FrameChannel',
    ],
    ['an unknown scheme', 'quic://localhost', 'For another one, give a Connector'],
  ])('is refused with the missing part: %s', (_name, target, text) => {
    expect(() => createClient(tiny, target as Connector)).toThrow(
      expect.objectContaining({ code: 'INVALID_TARGET', message: expect.stringContaining(text) }),
    )
  })
})

describe('the result of a connector', () => {
  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'is undefined, not a ByteStream'],
    ['a number', 7, 'is 7, not a ByteStream'],
    ['an empty object', {}, `is an object without the methods ${methods.join(', ')}, not a ByteStream`],
    [
      'an incomplete channel',
      { ...stream, sendBytesMax: 1, frameOverheadBytes: 0, queuedBytes: 0 },
      'is an object without receiveBytesMax, not a FrameChannel',
    ],
  ])('that is %s fails the calls, and the error names the connector', async (_name, given, text) => {
    const client = createClient(tiny, { url: 'pipe:x', connect: async () => given as FrameChannel })
    const { error } = await safe(client.ping())
    expect(error?.message).toBe(`Could not connect to pipe:x: the result of connect() ${text}`)
    await client.$close()
  })

  it('is aborted if it is an incomplete connection', async () => {
    let aborts = 0
    const half = { ...stream, sendBytesMax: 1, abort: () => aborts++ }
    const client = createClient(tiny, { url: 'pipe:x', connect: async () => half as never })
    await safe(client.ping())
    expect(aborts).toBe(1)
  })
})

it('a connector that ignores the time limit is aborted shortly after connectTimeoutMs', async () => {
  const clock = createVirtualClock()
  let abortedAtMs: number | undefined
  const connector: Connector = {
    url: 'pipe:x',
    connect: ({ signal }) => {
      signal.addEventListener('abort', () => {
        abortedAtMs = clock.nowMs()
      })
      return never()
    },
  }
  const client = createClient(tiny, connector, { environment: clock, limits: { connectTimeoutMs: 300 } })
  const { error } = await clock.until(safe(client.ping()))
  expect([abortedAtMs, error?.message]).toEqual([
    400,
    'Could not connect to pipe:x: it did not connect within 300 ms',
  ])
})

it('a connector that keeps the time limit reports what it waited for, and no timer remains', async () => {
  const clock = createVirtualClock()
  const connector: Connector = {
    url: 'pipe:x',
    connect: ({ timeoutMs }) =>
      new Promise((_, reject) => {
        clock.setTimer(timeoutMs, () => reject(new Error('nobody opened the pipe')))
      }),
  }
  const client = createClient(tiny, connector, { environment: clock, limits: { connectTimeoutMs: 300 } })
  const { error } = await clock.until(safe(client.ping()))
  expect(error?.message).toBe('Could not connect to pipe:x: nobody opened the pipe')
  expect(clock.timers).toEqual([])
})
