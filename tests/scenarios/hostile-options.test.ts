import { createClient } from '@frameport/client'
import { tcp } from '@frameport/client/tcp'
import { describeValue } from '@frameport/protocol/checks'
import { createSession, defaultConnectionLimits } from '@frameport/protocol/session'
import { createServer, serverLimits } from '@frameport/server'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { waysToThrowStrangely } from '../support/failing-callbacks.ts'
import { lab } from './lab-contract.ts'
import { createLab } from './lab-handlers.ts'

const cause = new Error('from the getter')
const failing = (name: string) =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw cause
    },
  })
const server = (options: unknown) => createServer(createLab().implementation as never, options as never)
const client = (options: unknown) => createClient(lab, createMemoryPair().a, options as never)

const takers: readonly (readonly [name: string, option: string, take: (options: unknown) => unknown])[] = [
  ['createServer', 'onConnection', server],
  ['createClient', 'auth', client],
  ['tcp', 'noDelay', (options) => tcp('tcp://127.0.0.1:1', options as never)],
  ['createSession', 'role', (options) => createSession(options as never)],
  ['createMemoryPair', 'latencyMs', (options) => createMemoryPair(options as never)],
  ['createVirtualClock', 'seed', (options) => createVirtualClock(options as never)],
]

describe.each(takers)('%s refuses', (_name, option, take) => {
  it.each(waysToThrowStrangely)('%s in place of options', (_what, make) => {
    expect(() => take(make())).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('an option whose getter throws, with that error as the cause', () => {
    expect(() => take(failing(option))).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(option), cause }),
    )
  })
})

it.each([
  ['createServer', server, 'ServerError', 'connectionsMax'],
  ['createClient', client, 'ClientError', 'streamWindowItems'],
])('%s refuses limits whose getter throws, and null for a limit', (_name, take, name, own) => {
  expect(() => take({ limits: failing('closeGraceMs') })).toThrow(
    expect.objectContaining({ code: 'INVALID_LIMITS', name, cause }),
  )
  for (const limit of [own, ...Object.keys(defaultConnectionLimits)]) {
    expect(() => take({ limits: { [limit]: null } })).toThrow(
      expect.objectContaining({
        code: 'INVALID_LIMITS',
        name,
        message: expect.stringContaining(`${limit} is null`),
      }),
    )
  }
})

it.each(Object.keys(serverLimits))('a server refuses null for %s', (limit) => {
  expect(() => server({ limits: { [limit]: null } })).toThrow(
    expect.objectContaining({ code: 'INVALID_LIMITS' }),
  )
})

it.each(waysToThrowStrangely)('createServer refuses %s in place of an implementation', (_what, make) => {
  expect(() => createServer(make() as never)).toThrow(expect.objectContaining({ code: 'INVALID_CONTRACT' }))
})

it.each([undefined, null, 5, {}])('publish refuses %j in place of an event', async (event) => {
  const { implementation } = createLab()
  const strict = createServer(implementation, { context: () => ({ user: 'guest' }), log: false })
  const publish = strict.publish.bind(strict) as (...args: unknown[]) => unknown
  expect(() => publish(event)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_EVENT', name: 'ServerError' }),
  )
  await strict.close()
})

it.each([-1, null])(
  'a client with a TCP target refuses a helloTimeoutMs of %s, with the cause',
  (helloTimeoutMs) => {
    const options = { limits: { helloTimeoutMs } } as never
    expect(() => createClient(lab, 'tcp://127.0.0.1:1', options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_LIMITS',
        name: 'ClientError',
        cause: expect.objectContaining({ name: 'ProtocolError' }),
      }),
    )
  },
)

it.each(['windowBytes', 'highWatermarkBytes', 'lowWatermarkBytes'])(
  'createMemoryPair refuses null for %s',
  (name) => {
    expect(() => createMemoryPair({ [name]: null })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  },
)

it('a call option whose getter throws fails the call with an RpcError that has this error as its cause', async () => {
  const { a, b } = createMemoryPair()
  const connected = createClient(lab, a)
  await expect(connected.nothing(failing('signal') as never)).rejects.toMatchObject({
    name: 'RpcError',
    code: 'INVALID_ARGUMENT',
    cause,
  })
  await expect(connected.nothing({ signal: failing('addEventListener') } as never)).rejects.toMatchObject({
    name: 'RpcError',
    code: 'INVALID_ARGUMENT',
    cause,
  })
  b.abort()
  await connected.$connection.closed()
})

it.each(waysToThrowStrangely)('%s can be described', (_what, make) => {
  expect(describeValue(make())).toEqual(expect.any(String))
})

it('the description of bytes has the right article', () => {
  expect(describeValue(new Uint8Array(1))).toBe('a Uint8Array')
})
