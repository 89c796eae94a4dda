import { createClient } from '@frameport/client'
import * as protocol from '@frameport/protocol'
import * as server from '@frameport/server'
import { z } from 'zod'
import { checkAnswer, Reading, reading } from './message.ts'
import { resumeOption } from './resume-option.ts'
import { streamSteps, unarySteps } from './sizes.ts'
import type { Load, Served, Work } from './work.ts'

const { contract, procedure } = protocol
/** Checkouts before the move of `implement` have it in protocol, with the same type. */
const { implement } = 'implement' in server ? server : (protocol as unknown as typeof server)

/**
 * Ours as a user writes it, with the public API alone: the same program has to run over other checkouts. The variable
 * FRAMEPORT_BACKEND chooses the back end.
 */
const house = contract('house', {
  version: 1,
  procedures: {
    set: procedure({ input: Reading, output: Reading }),
    readings: procedure({ input: z.object({ items: z.number().int() }), items: Reading }),
  },
})

const handlers = implement(house).handlers({
  async set({ input }) {
    return { id: input.id, room: input.room, degrees: input.degrees, note: input.note }
  },
  async *readings({ input }) {
    for (let number = 0; number < input.items; number++) yield reading(number)
  },
})

async function serve(): Promise<Served> {
  const listener = await server.createServer(handlers, resumeOption).listen('tcp://127.0.0.1:0')
  return { port: Number(new URL(listener.url).port), backend: listener.backend }
}

const connect = (port: number) => createClient(house, `tcp://127.0.0.1:${port}`, resumeOption)

export function oursUnary(inFlight: number): Work {
  return {
    serve,
    async connect(port): Promise<Load> {
      const client = connect(port)
      let number = 0
      return {
        ...unarySteps(inFlight),
        async step() {
          const input = reading(number++)
          checkAnswer(await client.set(input), input.id)
        },
      }
    },
  }
}

export function oursStream(items: number): Work {
  return {
    serve,
    async connect(port): Promise<Load> {
      const client = connect(port)
      return {
        ...streamSteps(items),
        async step() {
          let number = 0
          for await (const item of client.readings({ items })) checkAnswer(item, reading(number++).id)
          if (number !== items) throw new Error(`The stream ended after ${number} items.`)
        },
      }
    },
  }
}
