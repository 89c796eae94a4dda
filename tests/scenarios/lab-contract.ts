import { bytes, contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Text = z.object({ text: z.string().max(10_000) })
const Room = z.object({ room: z.string() })

/** One procedure for each thing that can succeed or fail. */
export const lab = contract('lab', {
  version: 1,
  procedures: {
    echo: procedure({ input: Text, output: Text }),
    blob: procedure({ input: bytes(), output: bytes() }),
    nothing: procedure({}),
    count: procedure({ input: z.object({ to: z.number().int() }), items: z.number() }),
    /** A generator that never yields and ignores its signal. */
    silence: procedure({ items: z.number() }),
    /** Settles when the test says so, and follows its signal. */
    wait: procedure({ input: Text, output: Text }),
    /** Never settles and ignores its signal. */
    stuck: procedure({}),
    fail: procedure({
      input: z.object({ how: z.enum(['declared', 'standard', 'undeclared', 'plain', 'items']) }),
      output: Text,
      errors: { NAME_TAKEN: z.object({ suggestion: z.string() }) },
    }),
    failingItems: procedure({ input: z.object({ after: z.number() }), items: z.number() }),
    join: procedure({ input: Room }),
    leave: procedure({ input: Room }),
    tell: procedure({ input: Room }),
    who: procedure({
      output: z.object({ user: z.string(), role: z.string(), metadata: z.string().optional() }),
    }),
    remaining: procedure({ output: z.object({ ms: z.number().optional() }) }),
    tools: {
      deep: { add: procedure({ input: z.object({ a: z.number(), b: z.number() }), output: z.number() }) },
    },
  },
  events: {
    line: event(z.object({ text: z.string() }), { topic: z.object({ room: z.string() }) }),
    notice: event(z.string()),
  },
})
