import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'
import { Reading, reading } from './message.ts'
import { resumeOption } from './resume-option.ts'
import { streamSteps } from './sizes.ts'
import type { Load, Work } from './work.ts'

/** Beside the other works, because checkouts from before uploads cannot take its contract. */
const store = contract('store', {
  version: 1,
  procedures: { put: procedure({ upload: Reading, output: z.object({ items: z.number().int() }) }) },
})

const handlers = implement(store).handlers({
  async put({ upload }) {
    let items = 0
    for await (const _ of upload) items++
    return { items }
  },
})

export function oursUpload(items: number): Work {
  return {
    async serve() {
      const listener = await createServer(handlers, resumeOption).listen('tcp://127.0.0.1:0')
      return { port: Number(new URL(listener.url).port), backend: listener.backend }
    },
    async connect(port): Promise<Load> {
      const client = createClient(store, `tcp://127.0.0.1:${port}`, resumeOption)
      return {
        ...streamSteps(items),
        async step() {
          const stored = await client.put(readings(items))
          if (stored.items !== items) throw new Error(`The upload ended after ${stored.items} items.`)
        },
      }
    },
  }
}

function* readings(items: number) {
  for (let number = 0; number < items; number++) yield reading(number)
}
