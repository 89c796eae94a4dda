import { contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Order = z.object({ number: z.int(), takesMs: z.number() })
const Done = z.object({ number: z.int() })

/** Calls whose executions are recorded in a file. */
export const orders = contract('orders', {
  version: 1,
  procedures: {
    place: procedure({ input: Order, output: Done }),
    look: procedure({ input: Order, output: Done, idempotent: true }),
  },
})

export type OrderName = keyof typeof orders.procedures
