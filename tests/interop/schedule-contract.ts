import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Numbered = z.object({ number: z.number() })
const Item = z.object({ number: z.number(), text: z.string() })
const Range = z.object({ number: z.number(), to: z.number() })

/** What `python/schedule_peer.py` calls. The number is that of the act. */
export const schedule = contract('schedule', {
  version: 1,
  procedures: {
    /** Answers with its number. */
    put: procedure({ input: Item, output: z.number() }),
    note: procedure({ input: Item, oneWay: true }),
    /** The numbers below `to`. */
    list: procedure({ input: Range, items: z.number() }),
    /** How many items there were. */
    store: procedure({ input: Numbered, upload: Item, output: z.number() }),
    /** The number of each item. */
    talk: procedure({ input: Numbered, upload: Item, items: z.number() }),
  },
  events: { tick: event(z.number(), { subscribe: 'clients' }) },
})
