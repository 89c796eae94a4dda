import { bytes, contract, procedure } from '@frameport/protocol'
import { implement, type ServerLimitOptions } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'

const depot = contract('depot', {
  version: 1,
  procedures: {
    sum: procedure({ upload: z.number(), output: z.number() }),
    store: procedure({ upload: bytes(), output: z.number() }),
    ahead: procedure({ upload: z.number(), output: z.array(z.number()) }),
  },
})

const numbers = Array.from({ length: 500 }, (_, index) => index)

/** The number of items that the source of `ahead` has returned. */
const given = { items: 0 }

function* counted() {
  for (given.items = 0; given.items < 100; ) {
    given.items += 1
    yield given.items
  }
}

let settled: () => Promise<void>

const made = (limits: ServerLimitOptions) => () => ({
  options: { limits },
  implementation: implement(depot).handlers({
    async sum({ upload }) {
      let sum = 0
      for await (const number of upload) sum += number
      return sum
    },
    async store({ upload }) {
      for await (const _ of upload);
      return upload.bytes
    },
    async ahead({ upload }) {
      const ahead: number[] = []
      for await (const _ of upload) {
        await settled()
        ahead.push(given.items - upload.items)
      }
      return ahead
    },
  }),
})

const windows: readonly ServerLimitOptions[] = [
  { uploadWindowItems: 1 },
  { uploadWindowItems: 1, uploadWindowBytes: 1, uploadItems: 1, uploadBytes: 1 },
  { uploadWindowItems: 3, uploadItems: 100 },
  { uploadWindowBytes: 1 },
  { uploadWindowBytes: 1_000, uploadBytes: 500_000 },
  { uploadItems: 1_000, uploadBytes: 1_000_000 },
  { uploadItems: 0 },
  { uploadBytes: 0 },
  { uploadWindowItems: 1, uploadWindowBytes: 1, uploadItems: 0, uploadBytes: 0 },
]

for (const limits of windows) {
  testInEveryWorld(
    `an upload completes with the limits ${JSON.stringify(limits)}`,
    made(limits),
    async ({ world, server }) => {
      const client = await world.connect(server, depot)
      expect(await world.run(client.sum(numbers))).toBe(124_750)
      expect(await world.run(client.store(new Uint8Array(600_000)))).toBe(600_000)
      expect(await world.run(client.store([new Uint8Array(60_000), new Uint8Array(1)]))).toBe(60_001)
    },
  )
}

testInEveryWorld(
  'a window that is smaller than the initial credit of an upload applies once the initial items are read',
  made({ uploadWindowItems: 4, uploadItems: 20 }),
  async ({ world, server }) => {
    settled = () => world.settle()
    const client = await world.connect(server, depot)
    const ahead = await world.run(client.ahead(counted()))
    expect(ahead).toHaveLength(100)
    // The caller prepares one item in advance.
    expect(Math.max(...ahead)).toBeGreaterThan(15)
    expect(Math.max(...ahead.slice(20))).toBeLessThanOrEqual(5)
  },
)
