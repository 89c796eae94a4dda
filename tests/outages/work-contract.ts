import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Numbered = z.object({ number: z.int() })

/** What goes on while connections are cut. All of it is numbered, so that what is lost, doubled or out of order shows. */
export const work = contract('work', {
  version: 1,
  procedures: {
    /** Must run once for each number. */
    change: procedure({ input: Numbered, output: Numbered }),
    /** Items from 0 on. */
    read: procedure({ input: Numbered.extend({ items: z.int() }), items: Numbered }),
    /** Takes items from 0 on. */
    write: procedure({ input: Numbered, upload: Numbered, output: z.object({ items: z.int() }) }),
  },
  events: {
    tick: event(Numbered, { topic: z.object({ clock: z.string() }), subscribe: 'clients' }),
  },
})

/** What goes on while the servers of one address are started again, one after the other. */
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
    /** Kept by nobody. */
    tock: event(Numbered, { topic: z.object({ clock: z.string() }), subscribe: 'clients' }),
  },
})
