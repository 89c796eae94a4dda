import { setTimeout as delay } from 'node:timers/promises'
import { implement } from '@frameport/server'
import type { Pace } from './pace.ts'
import { work } from './work-contract.ts'

/** The records of the handlers. */
export interface ServedWork {
  /** How often each change ran. */
  readonly changes: Map<number, number>
  /** The items of each upload, in order of arrival. */
  readonly written: Map<number, number[]>
}

/** Handlers that take a few milliseconds each, and record what they do. */
export function servedWork(pace: Pace) {
  const served: ServedWork = { changes: new Map(), written: new Map() }
  const implementation = implement(work).handlers({
    change: async ({ input: { number } }) => {
      served.changes.set(number, (served.changes.get(number) ?? 0) + 1)
      await delay(number % 8)
      return { number: 2 * number }
    },
    async *read({ input: { items } }) {
      for (let number = 0; number < items; number++) {
        await pace.reach(number / items)
        yield { number }
      }
    },
    write: async ({ input: { number }, upload }) => {
      const written: number[] = []
      served.written.set(number, written)
      for await (const item of upload) written.push(item.number)
      return { items: written.length }
    },
  })
  return { served, implementation }
}
