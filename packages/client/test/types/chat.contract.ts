import { bytes, contract, event, procedure } from '@frameport/protocol'
import * as v from 'valibot'
import { z } from 'zod'

/** A contract with one member of each kind, for the type tests. */
export const chat = contract('chat', {
  version: 1,
  procedures: {
    join: procedure({
      input: z.object({ room: z.string(), name: z.string(), colour: z.string().default('grey') }),
      output: z.object({ room: z.string(), since: z.string().transform((text) => new Date(text)) }),
      errors: { NAME_TAKEN: z.object({ suggestion: z.string() }), ROOM_FULL: z.undefined() },
    }),
    history: procedure({ input: z.object({ room: z.string() }), items: z.object({ text: z.string() }) }),
    who: procedure({ output: v.array(v.string()) }),
    leave: procedure({}),
    find: procedure({ input: v.optional(v.string()), output: v.number() }),
    files: {
      put: procedure({ input: bytes(), output: z.object({ id: z.string() }) }),
      old: { get: procedure({ input: z.object({ id: z.string() }), output: bytes() }) },
    },
  },
  events: {
    line: event(z.object({ text: z.string() }), { topic: z.object({ room: z.string() }) }),
    notice: event(z.string()),
  },
})
