import assert from 'node:assert/strict'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { CompletionPortOptions } from '../../src/index.ts'
import type { ConformanceCase, ConformanceContext } from '../conformance-case.ts'
import { collectGarbage } from '../support/collect-garbage.ts'
import { Neighbours } from '../support/neighbours.ts'

/** Newer than the types of the least version of Node. */
type Movable = ArrayBuffer & {
  resize?(bytes: number): void
  transfer?(): ArrayBuffer
  transferToFixedLength?(): ArrayBuffer
}

/** What a program may do with the buffer of a chunk; what throws is the program's own affair. */
const ways: readonly (readonly [name: string, take: (chunk: Uint8Array<ArrayBuffer>) => unknown])[] = [
  ['structuredClone with a transfer', (chunk) => structuredClone(chunk.buffer, { transfer: [chunk.buffer] })],
  [
    'structuredClone of the chunk with a transfer',
    (chunk) => structuredClone(chunk, { transfer: [chunk.buffer] }),
  ],
  ['structuredClone', (chunk) => structuredClone(chunk)],
  ['transfer', ({ buffer }) => (buffer as Movable).transfer?.()],
  ['transferToFixedLength', ({ buffer }) => (buffer as Movable).transferToFixedLength?.()],
  ['resize', ({ buffer }) => (buffer as Movable).resize?.(0)],
  ['a view that is kept', ({ buffer }) => new Uint8Array(buffer)],
  ['nothing', () => undefined],
]

/** Arrays that would show it if memory of theirs had been the port's before, and still were. */
class Strangers {
  readonly #arrays: Uint8Array[] = []

  add(): void {
    this.#arrays.push(new Uint8Array(64 * 1024).fill(0xee))
  }

  check(): void {
    for (const array of this.#arrays)
      assert.ok(
        array.every((byte) => byte === 0xee),
        'an array was written to',
      )
  }
}

async function survives(
  context: ConformanceContext,
  take: (chunk: Uint8Array<ArrayBuffer>) => unknown,
  options: CompletionPortOptions = {},
) {
  const kept: unknown[] = []
  const neighbours = await Neighbours.two(context.openPort(options), {
    data(chunk) {
      if (kept.length > 4) return
      try {
        kept.push(take(chunk as Uint8Array<ArrayBuffer>))
      } catch (error) {
        kept.push(error)
      }
    },
  })
  const strangers = new Strangers()
  for (let round = 0; round < 12; round++) {
    neighbours.sendAll(round % 2 === 0 ? 100 : 70_000)
    await neighbours.allArrived(context)
    if (round === 6) kept.length = 5
    if (round > 6) kept.fill(undefined)
    collectGarbage()
    strangers.add()
  }
  strangers.check()
  await neighbours.end(context)
}

export const chunkMemoryCases: readonly ConformanceCase[] = [
  ...ways.map(
    ([name, take]): ConformanceCase => ({
      name: `the buffer of a chunk cannot be taken from the port: ${name}`,
      run: (context) => survives(context, take),
    }),
  ),
  {
    name: 'the buffer of a chunk cannot be taken from the port: with poisonLentBytes',
    async run(context) {
      const take = (chunk: Uint8Array<ArrayBuffer>) =>
        structuredClone(chunk.buffer, { transfer: [chunk.buffer] })
      await survives(context, take, { poisonLentBytes: true })
    },
  },
  {
    name: 'nothing that a program can reach from a port leads to its memory',
    async run(context) {
      const port = context.openPort()
      const neighbours = await Neighbours.two(port)
      neighbours.sendAll(100)
      const listener = await port.listen('tcp://127.0.0.1:0', () => undefined)
      assert.deepEqual(memoryReachableFrom([port, listener, ...neighbours.connections]), [])
      await neighbours.end(context)
    },
  },
  {
    name: 'the buffer of a chunk cannot be taken from the port: postMessage to a port',
    async run(context) {
      const { port1, port2 } = new MessageChannel()
      context.cleanUp(() => port1.close())
      port2.on('message', () => undefined)
      await survives(context, (chunk) => port1.postMessage(chunk, [chunk.buffer]))
    },
  },
  {
    name: 'the buffer of a chunk cannot be taken from the port: postMessage to a worker thread',
    async run(context) {
      const worker = new Worker(`require('node:worker_threads').parentPort.on('message', () => undefined)`, {
        eval: true,
      })
      context.cleanUp(() => worker.terminate())
      await survives(context, (chunk) => worker.postMessage(chunk, [chunk.buffer]))
    },
  },
  {
    name: 'a chunk that is kept can be read after its port was closed and forgotten',
    async run(context) {
      const kept: Uint8Array[] = []
      const neighbours = await Neighbours.two(context.openPort(), { data: (chunk) => void kept.push(chunk) })
      neighbours.sendAll(30_000)
      await neighbours.end(context)
      const other = context.openPort()
      await other.close()
      for (let round = 0; round < 3; round++) {
        collectGarbage()
        await new Promise((resolve) => setImmediate(resolve))
      }
      assert.ok(kept.length > 0)
      for (const chunk of kept) assert.equal(typeof chunk.at(-1), 'number')
    },
  },
]

/** The paths to whatever shows memory, through properties, getters and prototypes. */
function memoryReachableFrom(roots: readonly object[]): string[] {
  const found: string[] = []
  const seen = new Set<unknown>()
  const look = (value: unknown, path: string) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      return
    seen.add(value)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      found.push(path)
      return
    }
    for (let owner: object | null = value; owner !== null; owner = Object.getPrototypeOf(owner)) {
      for (const key of Reflect.ownKeys(owner)) look(read(value, key), `${path}.${String(key)}`)
    }
  }
  for (const [index, root] of roots.entries()) look(root, `root ${index}`)
  return found
}

function read(value: object, key: string | symbol): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    // A getter of a prototype asks for an instance.
    return undefined
  }
}
