import { contract, procedure, type RpcError } from '@frameport/protocol'
import { type Interceptor, implement, type ServerConnection, type ServerOptions } from '@frameport/server'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const desk = contract('desk', {
  version: 1,
  procedures: { sit: procedure({}) },
  clientProcedures: {
    never: procedure({}),
    ask: procedure({ input: z.string(), output: z.string() }),
    drip: procedure({ items: z.number() }),
    take: procedure({ upload: z.number(), output: z.number() }),
  },
})

/** What a server of these options calls, and what its client was told. */
async function started(clientCalls: NonNullable<ServerOptions<object>['clientCalls']>) {
  const pair = await startedPair(desk, implement(desk).handlers({ sit: () => undefined }), {
    server: { clientCalls },
    client: {
      handlers: {
        never: () => new Promise<void>(() => undefined),
        ask: ({ input, metadata }) => `${input} ${metadata.mark ?? ''}`,
        async *drip() {
          yield 1
          await new Promise(() => undefined)
        },
        async take({ upload }) {
          let count = 0
          for await (const item of upload) count += item
          return count
        },
      },
    },
  })
  await pair.run(pair.client.sit())
  const [connection] = [...pair.server.connections] as [ServerConnection]
  return { ...pair, people: connection.client(desk) }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: RpcError) => error.code,
  )

it('a unary call fails after 30 s, and a stream does not', async () => {
  const { people, clock, run, close } = await started({})
  const outcomes: string[] = []
  void codeOf(people.never()).then((code) => outcomes.push(code))
  void codeOf(people.never({ deadlineMs: Number.POSITIVE_INFINITY })).then((code) => outcomes.push(code))
  const drip = people.drip()
  expect(await run(drip.next())).toEqual({ done: false, value: 1 })
  void codeOf(drip.next()).then((code) => outcomes.push(code))
  await clock.advance(29_999)
  expect(outcomes).toEqual([])
  await clock.advance(2)
  expect(outcomes).toEqual(['DEADLINE_EXCEEDED'])
  await clock.advance(600_000)
  expect(outcomes).toEqual(['DEADLINE_EXCEEDED'])
  await close()
})

it('a default deadline of the server applies to every kind of call', async () => {
  const { people, clock, run, close } = await started({ defaultDeadlineMs: 100 })
  const outcomes: string[] = []
  void codeOf(people.never()).then((code) => outcomes.push(code))
  const drip = people.drip()
  await run(drip.next())
  void codeOf(drip.next()).then((code) => outcomes.push(code))
  await clock.advance(101)
  expect(outcomes).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'])
  await close()
})

it('interceptors run around calls to clients, the first one outermost', async () => {
  const seen: string[] = []
  const named =
    (name: string): Interceptor =>
    async (call, next) => {
      seen.push(`${name} ${call.procedure.fullName}`)
      return next({ ...call, metadata: { ...call.metadata, mark: `${call.metadata.mark ?? ''}${name}` } })
    }
  const { people, run, close } = await started({ interceptors: [named('a'), named('b')] })
  expect(await run(people.ask('who'))).toBe('who ab')
  expect(seen).toEqual(['a desk/ask', 'b desk/ask'])
  await close()
})

it('the progress of an upload to a client is reported', async () => {
  const { people, run, close } = await started({})
  const items: number[] = []
  const sum = people.take([1, 2, 3], { onProgress: (progress) => items.push(progress.items) })
  expect(await run(sum)).toBe(6)
  expect(items).toEqual([1, 2, 3])
  await close()
})
