import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

/** What servers and clients under attack have: one procedure for each thing that an attack makes use of. */
export const target = contract('target', {
  version: 1,
  procedures: {
    echo: procedure({ input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }),
    /** Takes any JSON, as deep as it comes. */
    anything: procedure({ input: z.unknown(), output: z.number() }),
    /** A result of so many bytes. */
    large: procedure({ input: z.number().int().max(1_000_000), output: z.string() }),
    /** Items without end. */
    endless: procedure({ items: z.number() }),
    /** Follows its signal, and settles for nothing else. */
    wait: procedure({}),
    subscribe: procedure({ input: z.object({ room: z.string() }) }),
    /** Three hundred names of sixty letters, so that a hint for a name that nobody has costs something. */
    many: Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [
        `${'procedureOfALongName'.repeat(3).slice(0, 57)}${100 + at}`,
        procedure({}),
      ]),
    ),
  },
  events: { line: event(z.object({ text: z.string() }), { topic: z.object({ room: z.string() }) }) },
})
