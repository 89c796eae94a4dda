import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const secret = 'postgres://root:password@db'
const refuse = () => {
  throw new Error(secret)
}
const withGetter = () => Object.defineProperty({}, 'user', { enumerable: true, get: refuse })
const leaky = contract('leaky', {
  version: 1,
  procedures: {
    one: procedure({ output: z.any() }),
    failing: procedure({}),
    many: procedure({ items: z.any() }),
    telling: procedure({}),
  },
  events: { told: event(z.any()) },
})
const values: readonly (readonly [what: string, make: () => unknown, logged: string])[] = [
  ['a getter that throws', withGetter, secret],
  ['a toJSON that throws', () => ({ toJSON: refuse }), secret],
  ['a BigInt', () => ({ total: 5n }), 'a bigint at total'],
]

async function failureOf(call: 'one' | 'failing' | 'telling' | 'many', make: () => unknown) {
  const implementation = implement(leaky).handlers({
    one: make,
    failing: () => {
      throw new RpcError('NOT_FOUND', 'not here', { data: make() })
    },
    telling: ({ connection }) => connection.emit(leaky.events.told, make()),
    async *many() {
      yield make()
    },
  })
  const { client, log, run, close } = await startedPair(leaky, implementation)
  const called = call === 'many' ? client.many().next() : client[call]()
  const failure = await run(
    called.then(
      () => undefined,
      (error: unknown) => error as RpcError,
    ),
  )
  await close()
  return { failure, logged: log.filter(({ level }) => level === 'error') }
}

for (const call of ['one', 'failing', 'telling', 'many'] as const) {
  it.each(values)(
    `${call} with %s fails with INTERNAL; its text is in the log only`,
    async (_what, make, text) => {
      const { failure, logged } = await failureOf(call, make)
      expect(failure).toMatchObject({
        code: 'INTERNAL',
        message: expect.stringContaining("The server's log has the reason under c1/"),
      })
      expect(failure?.message).not.toContain(text)
      expect(logged).toHaveLength(1)
      const err = logged[0]?.facts.err as Error | undefined
      expect(`${err?.message} ${(err?.cause as Error | undefined)?.message}`).toContain(text)
      expect(logged[0]?.facts).toMatchObject({
        procedure: `leaky@1/${call}`,
        err: { code: 'INVALID_BODY' },
      })
    },
  )
}
