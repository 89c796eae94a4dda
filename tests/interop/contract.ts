import { bytes, contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Text = z.object({ text: z.string() })
const Room = z.object({ room: z.string() })

/** What both sides call. `python/serve.py` has the same procedures under the same names. */
export const interop = contract('interop', {
  version: 1,
  procedures: {
    echo: procedure({ input: Text, output: Text }),
    /** Answers with each byte inverted. */
    invert: procedure({ input: bytes(), output: bytes() }),
    refuse: procedure({ output: Text, errors: { NAME_TAKEN: z.object({ suggestion: z.string() }) } }),
    /** Throws what is no error of the contract's. */
    crash: procedure({}),
    /** The numbers from 1 on. */
    count: procedure({ input: z.object({ to: z.number() }), items: z.number() }),
    /** Gives one item, after `release`. */
    watch: procedure({ items: z.number() }),
    /** Ends when its caller or `release` says so. */
    wait: procedure({ output: z.string() }),
    /** As `wait`, but when it is cancelled it stops only after `release`. */
    linger: procedure({ output: z.string() }),
    /** Answers when `wait` or `linger` runs. */
    running: procedure({}),
    release: procedure({}),
    join: procedure({ input: Room }),
    /** Publishes a line and a tick in the room. */
    say: procedure({ input: z.object({ room: z.string(), text: z.string() }) }),
  },
  events: {
    line: event(Text, { topic: Room }),
    /** Clients subscribe to it, but not in the room `secret`. */
    tick: event(Text, { topic: Room, subscribe: 'clients' }),
  },
})
