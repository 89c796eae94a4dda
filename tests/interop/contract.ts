import { bytes, contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Text = z.object({ text: z.string() })
const Room = z.object({ room: z.string() })

/** What both sides call. `python/serve.py` has the same procedures with the same names. */
export const interop = contract('interop', {
  version: 1,
  procedures: {
    echo: procedure({ input: Text, output: Text }),
    /** Answers with every byte inverted. */
    invert: procedure({ input: bytes(), output: bytes() }),
    refuse: procedure({ output: Text, errors: { NAME_TAKEN: z.object({ suggestion: z.string() }) } }),
    /** Throws an error that the contract does not declare. */
    crash: procedure({}),
    /** Sends the numbers from 1 to `to`. */
    count: procedure({ input: z.object({ to: z.number() }), items: z.number() }),
    /** Sends one item, after `release`. */
    watch: procedure({ items: z.number() }),
    /** Ends after `release`, or when its caller cancels. */
    wait: procedure({ output: z.string() }),
    /** Like `wait`, but after a cancel it only stops after `release`. */
    linger: procedure({ output: z.string() }),
    /** Answers when `wait` or `linger` runs. */
    running: procedure({}),
    release: procedure({}),
    join: procedure({ input: Room }),
    /** Publishes a line and a tick to the room. */
    say: procedure({ input: z.object({ room: z.string(), text: z.string() }) }),
  },
  events: {
    line: event(Text, { topic: Room }),
    /** Clients may subscribe to it, except in the room `secret`. */
    tick: event(Text, { topic: Room, subscribe: 'clients' }),
  },
})
