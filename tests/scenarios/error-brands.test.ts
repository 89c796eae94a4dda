import { ClientError } from '@frameport/client'
import { contract, ProtocolError, procedure, RpcError } from '@frameport/protocol'
import { implement, ServerError } from '@frameport/server'
import { TestingError } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { waysToThrowStrangely } from '../support/failing-callbacks.ts'
import { startedPair } from './started-pair.ts'

const small = contract('small', { version: 1, procedures: { bad: procedure({}), good: procedure({}) } })

const classes = [
  ['ClientError', ClientError, new ClientError('UNKNOWN_EVENT', 'x')],
  ['ProtocolError', ProtocolError, new ProtocolError('INVALID_BODY', 'x')],
  ['RpcError', RpcError, new RpcError('NOT_FOUND', 'x')],
  ['ServerError', ServerError, new ServerError('SERVER_CLOSED')],
  ['TestingError', TestingError, new TestingError('STUCK')],
] as const

describe.each(classes)('%s.is', (_name, { is }, own) => {
  it.each(waysToThrowStrangely)('is false for %s, and does not throw', (_value, make) => {
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
  'a handler that throws %s fails its call with INTERNAL, which is logged, and the next call works',
  async (_value, make) => {
    const thrown = make()
    const implementation = implement(small).handlers({
      bad: () => {
        throw thrown
      },
      good: () => undefined,
    })
    const { client, log, run, close } = await startedPair(small, implementation)
    const failure = client.bad().catch((error: unknown) => error)
    expect(await run(failure)).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('log has the reason under c1/'),
    })
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(1)
    await run(client.good())
    await close()
  },
)
