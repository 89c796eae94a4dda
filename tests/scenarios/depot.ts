import { bytes, contract, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'

export const depot = contract('depot', {
  version: 1,
  procedures: {
    sum: procedure({ upload: z.number(), output: z.number() }),
    store: procedure({
      input: z.string(),
      upload: bytes(),
      output: z.object({ name: z.string(), bytes: z.number() }),
    }),
    first: procedure({
      input: z.number(),
      upload: z.string(),
      output: z.array(z.string()),
      errors: { FULL: z.number() },
    }),
    refuse: procedure({ upload: z.number(), output: z.number(), errors: { FULL: z.number() } }),
    ignore: procedure({ upload: z.number(), output: z.string() }),
    wait: procedure({ upload: z.number(), output: z.number() }),
    echo: procedure({ upload: z.number(), items: z.number() }),
    leave: procedure({ upload: z.number(), output: z.string() }),
    /** Continues when the test says so, and ignores its signal. */
    deaf: procedure({ upload: z.number(), items: z.number() }),
  },
})

export interface Seen {
  readonly read: unknown[]
  /** The error that stopped the handler of `wait` or `deaf`. */
  failure: unknown
  running: number
  /** Whether the call of `deaf` was aborted. */
  isGivenUp: () => boolean
  /** Lets the handler of `deaf` continue. */
  release: () => void
}

/** The handlers of the depot, and their records. */
export function made() {
  const seen: Seen = {
    read: [],
    failure: undefined,
    running: 0,
    isGivenUp: () => false,
    release: () => undefined,
  }
  const released = new Promise<void>((resolve) => {
    seen.release = resolve
  })
  const implementation = implement(depot).handlers({
    async sum({ upload }) {
      let sum = 0
      for await (const number of upload) sum += number
      return sum
    },
    async store({ input, upload }) {
      let count = 0
      for await (const chunk of upload) count += chunk.length
      expect(upload.bytes).toBe(count)
      return { name: input, bytes: count }
    },
    async first({ input, upload, errors }) {
      const kept: string[] = []
      for await (const text of upload) {
        kept.push(text)
        if (kept.length === input) break
      }
      if (input === 13) throw errors.FULL(13)
      return kept
    },
    async refuse({ errors }) {
      throw errors.FULL(7)
    },
    ignore: () => 'not read',
    async wait({ upload, signal }) {
      seen.running += 1
      try {
        for await (const number of upload) seen.read.push(number)
        return seen.read.length
      } catch (error) {
        seen.failure = error
        expect(signal.aborted).toBe(true)
        throw error
      } finally {
        seen.running -= 1
      }
    },
    leave({ upload }) {
      seen.running += 1
      const read = async () => {
        for await (const number of upload) seen.read.push(number)
        seen.running -= 1
        seen.read.push('over')
      }
      void read()
      return 'early'
    },
    async *echo({ upload }) {
      for await (const number of upload) yield number * 2
    },
    async *deaf({ upload, signal }) {
      seen.running += 1
      seen.isGivenUp = () => signal.aborted
      try {
        for await (const number of upload) {
          seen.read.push(number)
          yield number
          await released
        }
        seen.read.push('whole')
      } catch (error) {
        seen.failure = error
      } finally {
        seen.running -= 1
      }
    },
  })
  return { implementation, seen }
}

/** A source that records how it was ended. */
export function source<Item>(items: readonly Item[], then: 'ends' | 'waits' = 'ends') {
  const state = { given: 0, returned: 0 }
  const iterator: AsyncIterableIterator<Item> = {
    async next() {
      const item = items[state.given]
      if (state.given < items.length) {
        state.given += 1
        return { done: false, value: item as Item }
      }
      if (then === 'waits') await new Promise(() => undefined)
      return { done: true, value: undefined }
    },
    async return() {
      state.returned += 1
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
  return Object.assign(iterator, { state })
}
