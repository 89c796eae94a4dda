import { bytes, contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const room = z.object({ room: z.string() })
const amount = z.object({ count: z.number(), bytes: z.number(), seconds: z.number() })

/** One procedure for each thing that an attack makes use of. */
const procedures = {
  echo: procedure({ input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }),
  /** Takes any JSON, as deep as it comes. */
  anything: procedure({ input: z.unknown(), output: z.number() }),
  /** A result of so many bytes. */
  large: procedure({ input: z.number().int().max(1_000_000), output: z.string() }),
  /** Items without end. */
  endless: procedure({ items: z.number() }),
  /** Follows its signal, and settles for nothing else. */
  wait: procedure({}),
  subscribe: procedure({ input: room }),
  /** Gives back any JSON, or fails with any. */
  mirror: procedure({ input: z.unknown(), output: z.unknown(), errors: { ODD: z.unknown() } }),
  /** Many values, of which each can be wrong. */
  rows: procedure({ output: z.array(z.object({ id: z.number() })) }),
  /** So many items of so many bytes each, spread over so many seconds. */
  feed: procedure({ input: amount, items: z.unknown() }),
  /** Reads all items of its caller, and says how many bytes they were. */
  swallow: procedure({ upload: bytes(), output: z.number() }),
  /** Reads none of them, and follows its signal. */
  neglect: procedure({ upload: bytes() }),
  /** Nobody answers it. */
  note: procedure({ input: z.object({ text: z.string() }), oneWay: true }),
  /** The same as events on the topic of a room. */
  publish: procedure({ input: amount.extend({ room: z.string() }) }),
}

const events = {
  line: event(z.object({ text: z.string() }), { topic: room }),
  /** Its validator waits for a timer of 200 ms, as one that asks a slow database would. */
  looked: event(
    z.unknown().refine(() => new Promise<boolean>((resolve) => setTimeout(resolve, 200, true))),
    { topic: room },
  ),
}

/** What servers under attack have. */
export const target = contract('target', {
  version: 1,
  procedures: {
    ...procedures,
    /** Three hundred names of sixty letters, so that a hint for a name that nobody has costs something. */
    many: Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [
        `${'procedureOfALongName'.repeat(3).slice(0, 57)}${100 + at}`,
        procedure({}),
      ]),
    ),
  },
  events,
})

/** What clients under attack use of it: they are made again for each connection, and three hundred procedures take time. */
export const usedTarget = contract('target', { version: 1, procedures, events })
