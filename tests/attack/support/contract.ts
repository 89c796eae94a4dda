import { bytes, contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const room = z.object({ room: z.string() })
const amount = z.object({ count: z.number(), bytes: z.number(), seconds: z.number() })

/** One procedure for each thing that an attack uses. */
const procedures = {
  echo: procedure({ input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }),
  /** Accepts any JSON, however deep. */
  anything: procedure({ input: z.unknown(), output: z.number() }),
  /** Returns a result with this many bytes. */
  large: procedure({ input: z.number().int().max(1_000_000), output: z.string() }),
  /** Sends items endlessly. */
  endless: procedure({ items: z.number() }),
  /** Only ends when its signal is aborted. */
  wait: procedure({}),
  subscribe: procedure({ input: room }),
  /** Returns any JSON, or fails with it. */
  mirror: procedure({ input: z.unknown(), output: z.unknown(), errors: { ODD: z.unknown() } }),
  /** Many values, each of which can be wrong. */
  rows: procedure({ output: z.array(z.object({ id: z.number() })) }),
  /** Sends this many items with this many bytes each, distributed over this many seconds. */
  feed: procedure({ input: amount, items: z.unknown() }),
  /** Reads all items of its caller, and returns their number of bytes. */
  swallow: procedure({ upload: bytes(), output: z.number() }),
  /** Reads no items, and ends when its signal is aborted. */
  neglect: procedure({ upload: bytes() }),
  /** A one-way call. */
  note: procedure({ input: z.object({ text: z.string() }), oneWay: true }),
  /** Sends the same as events on the topic of a room. */
  publish: procedure({ input: amount.extend({ room: z.string() }) }),
}

const events = {
  line: event(z.object({ text: z.string() }), { topic: room }),
  /** Its validator waits 200 ms, like one that queries a slow database. */
  looked: event(
    z.unknown().refine(() => new Promise<boolean>((resolve) => setTimeout(resolve, 200, true))),
    { topic: room },
  ),
}

/** The contract of servers under attack. */
export const target = contract('target', {
  version: 1,
  procedures: {
    ...procedures,
    /** Three hundred names of sixty characters, so that a hint for an unknown name costs time. */
    many: Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [
        `${'procedureOfALongName'.repeat(3).slice(0, 57)}${100 + at}`,
        procedure({}),
      ]),
    ),
  },
  events,
})

/**
 * The part of the contract that clients under attack use. Clients are created for each connection, and three hundred
 * procedures would take time.
 */
export const usedTarget = contract('target', { version: 1, procedures, events })
