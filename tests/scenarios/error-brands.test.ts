import { ClientError } from '@frameport/client'
import { contract, ProtocolError, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement, ServerError } from '@frameport/server'
import { TestingError } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { waysToThrowStrangely } from './failing-callbacks.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

const small = contract('small', { version: 1, procedures: { bad: procedure({}), good: procedure({}) } })

const classes = [
  ['ClientError', ClientError, new ClientError('UNKNOWN_EVENT', 'x')],
  ['ProtocolError', ProtocolError, new ProtocolError('INVALID_BODY', 'x')],
  ['RpcError', RpcError, new RpcError('NOT_FOUND', 'x')],
  ['ServerError', ServerError, new ServerError('SERVER_CLOSED')],
  ['TestingError', TestingError, new TestingError('STUCK')],
] as const

describe.each(classes)('%s.is', (_name, { is }, own) => {
  it.each(waysToThrowStrangely)('is false, and throws nothing, for %s', (_value, make) => {
    expect(is(make())).toBe(false)
  })

  it('is true for an error of the class', () => {
    expect(is(own)).toBe(true)
  })
})

it.each([
  ...waysToThrowStrangely,
  [
    'an RpcError whose code cannot be read',
    () =>
      Object.defineProperty(new RpcError('NOT_FOUND', 'x'), 'code', {
        get() {
          throw new Error('from the getter')
        },
      }),
  ] as const,
])(
  'a handler that throws %s fails its call with INTERNAL, is logged, and the next call is served',
  async (_value, make) => {
    const world = memoryWorld()
    const logged: unknown[] = []
    const quiet = () => undefined
    const thrown = make()
    const server = createServer(
      implement(small).handlers({
        bad: () => {
          throw thrown
        },
        good: () => undefined,
      }),
      {
        environment: world.clock,
        log: {
          debug: quiet,
          info: quiet,
          warn: quiet,
          error: (facts, text) => void logged.push({ facts, text }),
        },
      },
    )
    const client = await world.connect(server, small)
    const failure = client.bad().catch((error: unknown) => error)
    expect(await world.run(failure)).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('log has the reason under c1/'),
    })
    expect(logged).toHaveLength(1)
    await world.run(client.good())
    await world.close(server)
  },
)
