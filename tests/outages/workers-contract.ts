import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Numbered = z.object({ number: z.int() })

/** The procedures of workers in tests. */
export const shared = contract('shared', {
  version: 1,
  procedures: {
    /** Returns which worker this is. */
    who: procedure({
      output: z.object({
        index: z.int(),
        threadId: z.int(),
        session: z.string(),
        tls: z.string().optional(),
      }),
    }),
    /** Counts the call in memory that all workers share, waits, and answers. */
    work: procedure({ input: z.object({ number: z.int(), takesMs: z.int() }), output: Numbered }),
    /** Ends the worker silently, or throws an uncaught error. */
    die: procedure({ input: z.object({ how: z.enum(['exit', 'throw']) }) }),
    /** Blocks the worker. */
    block: procedure({ input: z.object({ ms: z.int() }) }),
    /** Publishes an event from the worker that handles the call. */
    say: procedure({ input: z.object({ room: z.string(), number: z.int(), isKept: z.boolean() }) }),
    /** Revokes the subscription of the caller. */
    revoke: procedure({ input: z.object({ room: z.string() }) }),
    /** Sends numbers starting at 0. */
    count: procedure({ input: z.object({ items: z.int() }), items: Numbered }),
  },
  events: {
    tick: event(Numbered, { topic: z.object({ room: z.string() }), subscribe: 'clients' }),
    /** Kept by a log of the main thread, if there is one. */
    kept: event(Numbered, { topic: z.object({ room: z.string() }), subscribe: 'clients' }),
  },
})
