import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Numbered = z.object({ number: z.int() })

/** What workers are asked in tests. */
export const shared = contract('shared', {
  version: 1,
  procedures: {
    /** Which worker this is. */
    who: procedure({
      output: z.object({
        index: z.int(),
        threadId: z.int(),
        session: z.string(),
        tls: z.string().optional(),
      }),
    }),
    /** Counts the call in memory that all workers share, takes its time, and answers. */
    work: procedure({ input: z.object({ number: z.int(), takesMs: z.int() }), output: Numbered }),
    /** The worker ends without a word, or throws where nobody catches. */
    die: procedure({ input: z.object({ how: z.enum(['exit', 'throw']) }) }),
    /** The worker stands still. */
    block: procedure({ input: z.object({ ms: z.int() }) }),
    /** Publishes from the worker that is asked. */
    say: procedure({ input: z.object({ room: z.string(), number: z.int(), isKept: z.boolean() }) }),
    /** Ends the subscription of who asks. */
    revoke: procedure({ input: z.object({ room: z.string() }) }),
    /** Numbers from 0 on. */
    count: procedure({ input: z.object({ items: z.int() }), items: Numbered }),
  },
  events: {
    tick: event(Numbered, { topic: z.object({ room: z.string() }), subscribe: 'clients' }),
    /** Kept by a log of the main thread, where there is one. */
    kept: event(Numbered, { topic: z.object({ room: z.string() }), subscribe: 'clients' }),
  },
})
