import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Numbered = z.object({ number: z.number() })
const Item = z.object({ number: z.number(), text: z.string() })
const Range = z.object({ number: z.number(), to: z.number() })

/** The procedures that `python/schedule_peer.py` calls. Each number is that of an act. */
export const schedule = contract('schedule', {
  version: 1,
  procedures: {
    /** Returns its number. */
    put: procedure({ input: Item, output: z.number() }),
    note: procedure({ input: Item, oneWay: true }),
    /** Sends the numbers below `to`. */
    list: procedure({ input: Range, items: z.number() }),
    /** Returns the number of items. */
    store: procedure({ input: Numbered, upload: Item, output: z.number() }),
    /** Sends the number of each item. */
    talk: procedure({ input: Numbered, upload: Item, items: z.number() }),
  },
  events: { tick: event(z.number(), { subscribe: 'clients' }) },
})
