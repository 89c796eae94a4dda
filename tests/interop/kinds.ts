import { bytes, contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Text = z.object({ text: z.string() })

/** A procedure of every kind of call. `python/kinds.py` has the same under the same names. */
export const kinds = contract('kinds', {
  version: 1,
  procedures: {
    echo: procedure({ input: Text, output: Text }),
    refuse: procedure({ output: Text, errors: { NAME_TAKEN: z.object({ suggestion: z.string() }) } }),
    /** Ends when its caller gives it up. */
    wait: procedure({ output: z.string() }),
    /** The numbers from 1 on. */
    count: procedure({ input: z.object({ to: z.number() }), items: z.number() }),
    sum: procedure({ upload: z.number(), output: z.number() }),
    store: procedure({
      input: z.object({ name: z.string() }),
      upload: bytes(),
      output: z.object({ name: z.string(), bytes: z.number(), sha256: z.string() }),
    }),
    /** Takes items up to the one that is asked for, and tells how many. */
    find: procedure({ input: Text, upload: Text, output: z.number() }),
    /** Answers and takes nothing. */
    enough: procedure({ upload: z.number(), output: z.string() }),
    /** Fails behind the first item. */
    quota: procedure({ upload: z.number(), output: z.number(), errors: { QUOTA: z.number() } }),
    /** Takes nothing before `release`, and then counts all. */
    hold: procedure({ upload: z.number(), output: z.number() }),
    /** Takes one item and no further one, and answers after `release`. */
    leave: procedure({ upload: z.number(), output: z.number() }),
    shout: procedure({ upload: Text, items: Text }),
    /** Gives 0 before it takes anything, and behind the end of the upload its items, the last first. */
    reverse: procedure({ upload: z.number(), items: z.number() }),
    /** Keeps its text, and waits for its end when that is `slow`. */
    seen: procedure({ input: Text, oneWay: true }),
    /** What `seen` got, and the codes with which handlers were given up. */
    saw: procedure({ output: z.object({ seen: z.array(z.string()), givenUp: z.array(z.string()) }) }),
    release: procedure({}),
  },
})
