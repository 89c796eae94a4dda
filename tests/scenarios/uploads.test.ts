import { Readable } from 'node:stream'
import type { Client, Interceptor } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { expect } from 'vitest'
import { depot, made, type Seen, source } from './depot.ts'
import { type Served, testInEveryWorld } from './served-in.ts'

/** A test of a client of the depot in every world. */
function inEveryWorld(
  name: string,
  run: (served: Served & { readonly client: Client<typeof depot>; readonly seen: Seen }) => Promise<void>,
): void {
  let seen: Seen
  testInEveryWorld(
    name,
    () => {
      const one = made()
      seen = one.seen
      return { implementation: one.implementation }
    },
    async (served) => {
      const client = await served.world.connect(served.server, depot)
      await run({ ...served, client, seen })
      await served.world.eventually('the server is done', () => served.server.stats().handlersInFlight === 0)
    },
  )
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as RpcError,
  )

inEveryWorld('an upload of values delivers them in order, and gets its answer', async ({ client, world }) => {
  const numbers = Array.from({ length: 1_000 }, (_, index) => index)
  expect(await world.run(client.sum(numbers))).toBe(499_500)
  expect(await world.run(client.sum(source(numbers)))).toBe(499_500)
  expect(await world.run(client.sum([]))).toBe(0)
})

inEveryWorld(
  'raw bytes can come from every kind of source, and long chunks are split',
  async ({ client, world }) => {
    const whole = new Uint8Array(200_000).fill(7)
    const chunks = () => [whole.subarray(0, 1), new Uint8Array(0), whole.subarray(1)]
    const sources = {
      bytes: whole,
      array: chunks(),
      blob: new Blob(chunks()),
      node: Readable.from(chunks().map((chunk) => Buffer.from(chunk))),
      web: new Blob(chunks()).stream(),
      generator: (async function* () {
        yield* chunks()
      })(),
      function: () => chunks(),
    }
    for (const [name, source] of Object.entries(sources)) {
      const progress: number[] = []
      const stored = client.store(name, source, { onProgress: ({ bytes }) => progress.push(bytes) })
      expect(await world.run(stored)).toEqual({ name, bytes: 200_000 })
      expect(progress.at(-1)).toBe(200_000)
      expect(progress.length).toBeGreaterThan(3)
    }
  },
)

inEveryWorld(
  'a handler that leaves its loop stops the upload, and the source is closed once',
  async ({ client, world }) => {
    const texts = source(['a', 'b', 'c', 'd'], 'waits')
    expect(await world.run(client.first(2, texts))).toEqual(['a', 'b'])
    expect(texts.state.returned).toBe(1)
  },
)

inEveryWorld('an answer before the end stops the upload', async ({ client, world }) => {
  for (const call of ['refuse', 'ignore'] as const) {
    const numbers = source([1, 2, 3], 'waits')
    const outcome = await world.run(client[call](numbers).catch((error: RpcError) => error.code))
    expect(outcome).toBe(call === 'refuse' ? 'FULL' : 'not read')
    expect(numbers.state.returned).toBe(1)
  }
})

inEveryWorld(
  'a source that fails ends the call on both sides, and the error says that the source failed',
  async ({ client, world, seen }) => {
    let fail: (error: Error) => void = () => undefined
    const call = failure(
      client.wait(
        (async function* () {
          yield* [1, 2]
          await new Promise((_, reject) => {
            fail = reject
          })
        })(),
      ),
    )
    await world.eventually('the items were read', () => seen.read.length === 2)
    fail(new Error('the disk is gone'))
    const error = await world.run(call)
    expect(error).toMatchObject({
      code: 'ABORTED',
      maybeExecuted: true,
      cause: { message: 'the disk is gone' },
    })
    expect(error?.message).toContain('source of the upload failed, so the caller cancelled the call')
    await world.eventually('the handler has stopped', () => seen.running === 0)
    expect(seen.failure).toMatchObject({ code: 'ABORTED' })
    expect((seen.failure as RpcError).message).not.toContain('disk')
  },
)

inEveryWorld('a signal cancels an upload and closes its source', async ({ client, world, seen }) => {
  const controller = new AbortController()
  const numbers = source([1, 2], 'waits')
  const call = failure(client.wait(numbers, { signal: controller.signal }))
  await world.eventually('the items were read', () => seen.read.length === 2)
  controller.abort(new Error('enough'))
  expect(await world.run(call)).toMatchObject({ code: 'CANCELLED' })
  expect(numbers.state.returned).toBe(1)
  await world.eventually('the handler has stopped', () => seen.running === 0)
  expect(seen.failure).toMatchObject({ code: 'CANCELLED' })
})

inEveryWorld('a deadline ends an upload whose source is slow', async ({ client, world, seen }) => {
  const numbers = source([1], 'waits')
  const error = await world.run(failure(client.wait(numbers, { deadlineMs: 200 })))
  expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  expect(numbers.state.returned).toBe(1)
  await world.eventually('the handler has stopped', () => seen.running === 0)
})

inEveryWorld(
  'an invalid item fails the call with an error that names the upload',
  async ({ client, world }) => {
    const numbers = source([1, 'two' as never, 3], 'waits')
    expect(await world.run(failure(client.sum(numbers)))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('an item of the upload of depot/sum'),
    })
    expect(numbers.state.returned).toBe(1)
    expect(await world.run(failure(client.sum([1n as never])))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await world.run(failure(client.store('text', ['abc' as never])))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('item 0 of the upload of depot/store'),
    })
  },
)

inEveryWorld(
  'a value that is not a source is refused with an error that says what is accepted',
  async ({ client, world }) => {
    for (const given of [undefined, null, 5, 'text', {}]) {
      const error = await world.run(failure(client.sum(given as never)))
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', maybeExecuted: false })
      expect(error?.message).toContain('an iterable of items')
    }
    const once = source([1])
    expect(await world.run(client.sum(once))).toBe(1)
    const again = await world.run(failure(client.sum(once)))
    expect(again).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(again?.message).toContain('give a function')
  },
)

inEveryWorld(
  'items flow in both directions at once, and each direction ends by itself',
  async ({ client, world }) => {
    const doubled: number[] = []
    const read = async () => {
      for await (const number of client.echo([1, 2, 3])) doubled.push(number)
    }
    await world.run(read())
    expect(doubled).toEqual([2, 4, 6])
    const numbers = source([1, 2], 'waits')
    const left = async () => {
      for await (const number of client.echo(numbers)) if (number === 4) break
    }
    await world.run(left())
    await world.eventually('the source was ended', () => numbers.state.returned === 1)
  },
)

inEveryWorld(
  'the end of a connection ends an upload on both sides',
  async ({ client, world, seen, server }) => {
    const numbers = source([1], 'waits')
    const call = failure(client.wait(numbers))
    await world.eventually('the item was read', () => seen.read.length === 1)
    for (const connection of server.connections) void connection.close({ graceMs: 0 })
    const error = await world.run(call)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    expect(error).toSatisfy(RpcError.is)
    expect(numbers.state.returned).toBe(1)
    await world.eventually('the handler has stopped', () => seen.running === 0)
  },
)

inEveryWorld('a source that no call reads is closed, too', async ({ server, world }) => {
  const answersItself: Interceptor = async (call, next) =>
    call.procedure.path === 'wait' ? next(call) : call.procedure.path === 'echo' ? [] : 7
  const client = await world.connect(server, depot, { interceptors: [answersItself] })
  const unread = source([1])
  expect(await world.run(client.sum(unread))).toBe(7)
  const refused = source([1])
  expect(await world.run(failure(client.wait(refused, { deadlineMs: Number.NaN })))).toMatchObject({
    code: 'INVALID_ARGUMENT',
  })
  const left = source([1])
  await client.echo(left).return()
  expect([unread, refused, left].map(({ state }) => [state.given, state.returned])).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ])
})

inEveryWorld(
  'a loop that still reads an upload after the answer comes to its end',
  async ({ client, world, seen }) => {
    const numbers = source([1], 'waits')
    expect(await world.run(client.leave(numbers))).toBe('early')
    await world.eventually('the loop has ended', () => seen.running === 0 && seen.read.includes('over'))
    expect(numbers.state.returned).toBe(1)
  },
)

inEveryWorld(
  'a handler that still reads after its call was abandoned gets an error, and not the normal end of the upload',
  async ({ client, world, seen }) => {
    const controller = new AbortController()
    const stream = client.deaf(source([1, 2], 'waits'), { signal: controller.signal })
    expect(await world.run(stream.next())).toEqual({ done: false, value: 1 })
    controller.abort()
    expect(await world.run(failure(stream.next()))).toMatchObject({ code: 'CANCELLED' })
    await world.eventually('the call is given up', () => seen.isGivenUp())
    seen.release()
    await world.eventually('the handler has stopped', () => seen.running === 0)
    expect(seen.read).toEqual([1])
    expect(seen.failure).toMatchObject({ code: 'CANCELLED' })
  },
)
