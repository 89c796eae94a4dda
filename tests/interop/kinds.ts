import { bytes, contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Text = z.object({ text: z.string() })

/** A procedure for each kind of call. `python/kinds.py` has the same procedures with the same names. */
export const kinds = contract('kinds', {
  version: 1,
  procedures: {
    echo: procedure({ input: Text, output: Text }),
    refuse: procedure({ output: Text, errors: { NAME_TAKEN: z.object({ suggestion: z.string() }) } }),
    /** Ends when its caller cancels. */
    wait: procedure({ output: z.string() }),
    /** Sends the numbers from 1 to `to`. */
    count: procedure({ input: z.object({ to: z.number() }), items: z.number() }),
    sum: procedure({ upload: z.number(), output: z.number() }),
    store: procedure({
      input: z.object({ name: z.string() }),
      upload: bytes(),
      output: z.object({ name: z.string(), bytes: z.number(), sha256: z.string() }),
    }),
    /** Reads items up to the requested one, and returns their number. */
    find: procedure({ input: Text, upload: Text, output: z.number() }),
    /** Answers without reading an item. */
    enough: procedure({ upload: z.number(), output: z.string() }),
    /** Fails after the first item. */
    quota: procedure({ upload: z.number(), output: z.number(), errors: { QUOTA: z.number() } }),
    /** Reads nothing before `release`, and then counts all items. */
    hold: procedure({ upload: z.number(), output: z.number() }),
    /** Reads only one item, and answers after `release`. */
    leave: procedure({ upload: z.number(), output: z.number() }),
    shout: procedure({ upload: Text, items: Text }),
    /** Sends 0 before it reads anything. After the end of the upload it sends the items in reverse order. */
    reverse: procedure({ upload: z.number(), items: z.number() }),
    /** Records its text. If the text is `slow`, it waits until it is aborted. */
    seen: procedure({ input: Text, oneWay: true }),
    /** Returns the texts of `seen`, and the codes with which handlers were aborted. */
    saw: procedure({ output: z.object({ seen: z.array(z.string()), givenUp: z.array(z.string()) }) }),
    release: procedure({}),
  },
})
