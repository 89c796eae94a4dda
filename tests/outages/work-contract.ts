import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Numbered = z.object({ number: z.int() })

/**
 * The work while connections are cut. Everything is numbered, so that lost, duplicated or reordered items are detected.
 */
export const work = contract('work', {
  version: 1,
  procedures: {
    /** Must run once for each number. */
    change: procedure({ input: Numbered, output: Numbered }),
    /** Sends items starting at 0. */
    read: procedure({ input: Numbered.extend({ items: z.int() }), items: Numbered }),
    /** Reads items starting at 0. */
    write: procedure({ input: Numbered, upload: Numbered, output: z.object({ items: z.int() }) }),
  },
  events: {
    tick: event(Numbered, { topic: z.object({ clock: z.string() }), subscribe: 'clients' }),
  },
})

/** The work while the servers of one address are restarted, one after the other. */
export const rolling = contract('rolling', {
  version: 1,
  procedures: {
    place: procedure({ input: Numbered, output: Numbered }),
    look: procedure({ input: Numbered, output: Numbered, idempotent: true }),
    count: procedure({
      input: z.object({ from: z.int(), to: z.int() }),
      items: Numbered,
      resumeFrom: (input, { number }) => ({ ...input, from: number + 1 }),
    }),
  },
  events: {
    /** Kept by a log that all servers share. */
    tick: event(Numbered, { topic: z.object({ clock: z.string() }), subscribe: 'clients' }),
    /** Not kept by a log. */
    tock: event(Numbered, { topic: z.object({ clock: z.string() }), subscribe: 'clients' }),
  },
})
