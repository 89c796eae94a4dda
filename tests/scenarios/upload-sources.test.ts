import { Readable } from 'node:stream'
import type { Interceptor } from '@frameport/client'
import { bytes, contract, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'

const depot = contract('depot', {
  version: 1,
  procedures: {
    sum: procedure({ upload: z.number(), output: z.number(), errors: { FULL: z.number() } }),
    store: procedure({ upload: bytes(), output: z.number() }),
    echo: procedure({ upload: z.number(), items: z.number() }),
  },
})

/** The error that stopped the handler of `sum`. */
let seen: unknown

function made() {
  seen = undefined
  const implementation = implement(depot).handlers({
    async sum({ upload }) {
      let sum = 0
      try {
        for await (const number of upload) sum += number
      } catch (error) {
        seen = error
        throw error
      }
      return sum
    },
    async store({ upload }) {
      for await (const _ of upload);
      return upload.bytes
    },
    async *echo({ upload }) {
      for await (const number of upload) yield number
    },
  })
  return { implementation }
}

/** An iterable that creates and counts an iterator for each reader. */
function readAnew(items: readonly number[]) {
  const state = { opened: 0, returned: 0 }
  return {
    state,
    [Symbol.asyncIterator](): AsyncIterator<number, undefined> {
      state.opened += 1
      const iterator = items.values()
      return {
        next: async () => iterator.next(),
        async return() {
          state.returned += 1
          return { done: true, value: undefined }
        },
      }
    },
  }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as RpcError,
  )

testInEveryWorld(
  'a source that makes an iterator for each reader makes one for a call, and none for a call that an interceptor answers',
  made,
  async ({ world, server }) => {
    const refuses: Interceptor = (call, next) =>
      call.metadata.refuse === undefined ? next(call) : Promise.resolve(7)
    const client = await world.connect(server, depot, { interceptors: [refuses] })
    const whole = readAnew([1, 2, 3])
    expect(await world.run(client.sum(whole))).toBe(6)
    expect(whole.state).toEqual({ opened: 1, returned: 0 })
    const refused = readAnew([1])
    expect(await world.run(client.sum(refused, { metadata: { refuse: '' } }))).toBe(7)
    await client.echo(refused).return()
    expect(refused.state).toEqual({ opened: 0, returned: 0 })
    await world.run(failure(client.sum(refused, { deadlineMs: Number.NaN })))
    expect(refused.state).toEqual({ opened: 1, returned: 1 })
  },
)

testInEveryWorld(
  'an error that a source throws fails the call with ABORTED, wherever the source throws it',
  made,
  async ({ world, server }) => {
    const client = await world.connect(server, depot)
    const cause = new Error('the disk is gone')
    const throwing = () => {
      throw cause
    }
    const sources = { function: throwing, iterator: { [Symbol.asyncIterator]: throwing } }
    for (const [name, source] of Object.entries(sources)) {
      const error = await world.run(failure(client.sum(source as never)))
      expect({ name, error }).toMatchObject({ name, error: { code: 'ABORTED', cause, maybeExecuted: false } })
      const ofItems = await world.run(failure(client.echo(source as never).next()))
      expect({ name, ofItems }).toMatchObject({ name, ofItems: { code: 'ABORTED', cause } })
    }
    const next = { [Symbol.asyncIterator]: () => ({ next: throwing }) }
    expect(await world.run(failure(client.sum(next)))).toMatchObject({ code: 'ABORTED', cause })
  },
)

testInEveryWorld(
  'an RpcError that a source throws is not passed on: the callee gets neither its code nor its text',
  made,
  async ({ world, server }) => {
    const client = await world.connect(server, depot)
    const cause = new RpcError('FULL', 'no room on the other server', { data: 'not of this contract' })
    async function* failing() {
      yield 1
      throw cause
    }
    const error = await world.run(failure(client.sum(failing())))
    expect(error).toMatchObject({ code: 'ABORTED', cause, data: undefined })
    await world.eventually('the handler was told', () => seen !== undefined)
    expect(seen).toMatchObject({ code: 'ABORTED' })
    expect((seen as RpcError).message).not.toContain('no room')
  },
)

testInEveryWorld(
  'a source whose next() returns no iterator result fails the call, and does not leave it open',
  made,
  async ({ world, server }) => {
    const client = await world.connect(server, depot)
    for (const given of [undefined, 7, null]) {
      const iterator = { next: () => given as never }
      const sources = [{ [Symbol.iterator]: () => iterator }, { [Symbol.asyncIterator]: () => iterator }]
      for (const source of sources) {
        const error = await world.run(failure(client.sum(source as never)))
        const message = expect.stringContaining('next() of the source returned')
        expect(error).toMatchObject({ code: 'ABORTED', cause: { name: 'TypeError', message } })
      }
    }
  },
)

testInEveryWorld(
  'a Node.js stream that was already read to its end is refused, because it would look like an empty file',
  made,
  async ({ world, server }) => {
    const client = await world.connect(server, depot)
    const stream = Readable.from([Buffer.from('abc')])
    for await (const _ of stream);
    const error = await world.run(failure(client.store(stream)))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', maybeExecuted: false })
    expect(error?.message).toContain('already read to its end')
    expect(await world.run(client.store(Readable.from([])))).toBe(0)
  },
)

testInEveryWorld(
  'the error for an item that cannot be sent names the item',
  made,
  async ({ world, server }) => {
    const client = await world.connect(server, depot)
    const error = await world.run(failure(client.sum([1, 2, Number.NaN])))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', cause: { code: 'INVALID_BODY' } })
    expect(error?.message).toBe(
      'item 2 of the upload of depot/sum cannot be sent: JSON cannot carry NaN (send null, or leave it out)',
    )
  },
)

testInEveryWorld(
  'raw bytes are split to the limit of the server, and a value over the limit fails with an error that names the item',
  () => ({ ...made(), options: { limits: { bodyBytesMax: 1_000 } } }),
  async ({ world, server }) => {
    const client = await world.connect(server, depot)
    const progress: number[] = []
    const stored = client.store(new Uint8Array(2_500), { onProgress: ({ bytes }) => progress.push(bytes) })
    expect(await world.run(stored)).toBe(2_500)
    expect(progress).toEqual([1_000, 2_000, 2_500])
    const long = ['x'.repeat(1_000)] as never
    const error = await world.run(failure(client.sum(long)))
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect(error?.message).toContain(
      'item 0 of the upload of depot/sum cannot be sent: the item has 1002 bytes',
    )
  },
)

testInEveryWorld(
  'the error for a wrong argument in place of an upload says what is wrong',
  made,
  async ({ world, server }) => {
    const client = await world.connect(server, depot)
    const said = async (call: Promise<unknown>) => (await world.run(failure(call)))?.message
    for (const given of [undefined, null])
      expect(await said(client.sum(given as never))).toContain('the upload is null or missing, not an')
    expect(await said(client.sum([1], null as never))).toContain(
      '(depot/sum takes no input: it takes its upload and the options of the call)',
    )
  },
)
