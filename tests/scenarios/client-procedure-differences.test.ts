import type { ServerDifference } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { implement, type ServerConnection } from '@frameport/server'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const Answer = z.object({ yes: z.boolean() })

/** One contract, in the state of a server and in that of a client. */
const server = contract('asking', {
  version: 1,
  procedures: { hello: procedure({}) },
  clientProcedures: {
    same: procedure({ output: Answer }),
    ask: procedure({ input: z.object({ text: z.string(), urgent: z.boolean() }), output: Answer }),
    fresh: procedure({}),
    stream: procedure({ items: Answer }),
  },
})
const client = contract('asking', {
  version: 1,
  procedures: { hello: procedure({}) },
  clientProcedures: {
    same: procedure({ output: Answer }),
    ask: procedure({
      input: z.object({ text: z.string() }),
      output: Answer.extend({ why: z.string() }),
      errors: { BUSY: z.number() },
    }),
    stream: procedure({ output: Answer }),
    old: procedure({}),
  },
})

async function started(strict: boolean) {
  const implementation = implement(server).handlers({ hello: () => undefined })
  const pair = await startedPair(client, implementation, {
    client: {
      onContractDifferences: () => undefined,
      strict,
      handlers: {
        same: () => ({ yes: true }),
        ask: () => ({ yes: true, why: 'because' }),
        stream: () => ({ yes: true }),
        old: () => undefined,
      },
    },
  })
  await pair.run(pair.client.hello())
  const [connection] = [...pair.server.connections]
  return { ...pair, people: (connection as ServerConnection).client(server) }
}

const failureOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)

const brief = ({ kind, member, place, outcome, text }: ServerDifference) =>
  `${kind} ${member}/${place} ${outcome}: ${text}`

it('a client lists the differences of the procedures that its server calls', async () => {
  const { client: made, run, close } = await started(false)
  expect((await run(made.$connection.differences()))?.map(brief)).toEqual([
    'clientProcedure ask/output.why loses: is not known to the server, which drops it',
    'clientProcedure ask/errors.BUSY loses: is not declared by the server, and arrives as UNKNOWN',
    'clientProcedure ask/input.urgent loses: is not known to this client, which drops it',
    'clientProcedure stream/kind fails: gives a stream of items on the server, and gives one answer for this client',
    'clientProcedure old/ works: is not known to the server, which never calls it',
    'clientProcedure fresh/ fails: may be called by the server, and is not known to this client',
  ])
  await close()
})

it('a call to a procedure in another state works if its data are valid on both sides', async () => {
  const { people, run, close } = await started(false)
  expect(await run(people.ask({ text: 'tea?', urgent: true }))).toEqual({ yes: true })
  expect(await run(failureOf(people.fresh()))).toMatchObject({
    code: 'UNIMPLEMENTED',
    procedure: 'asking/fresh',
  })
  await close()
})

it('a strict client refuses a call of a procedure that differs', async () => {
  const { people, run, close } = await started(true)
  expect(await run(people.same())).toEqual({ yes: true })
  expect(await run(failureOf(people.ask({ text: 'tea?', urgent: true })))).toMatchObject({
    code: 'FAILED_PRECONDITION',
    message: expect.stringContaining('differs between client and server'),
  })
  await close()
})
