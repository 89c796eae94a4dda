import { bytes, contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Line = z.object({ author: z.string(), text: z.string().max(2_000), at: z.iso.datetime() })
const Where = z.object({ room: z.string() })

/** Schemas of zod: with defaults, a transform, a stream, raw bytes, a group, and events of both kinds. */
export const chat = contract('chat', {
  version: 1,
  procedures: {
    join: procedure({
      input: z.object({ room: z.string(), name: z.string(), colour: z.string().default('grey') }),
      output: z.object({ room: z.string(), since: z.string().transform((text) => new Date(text)) }),
      errors: { NAME_TAKEN: z.object({ suggestion: z.string() }), ROOM_FULL: z.undefined() },
    }),
    history: procedure({
      input: Where,
      items: Line,
      errors: { NO_SUCH_ROOM: z.object({ nearest: z.string() }) },
    }),
    leave: procedure({}),
    files: { put: procedure({ input: bytes(), output: z.object({ id: z.string() }) }) },
  },
  events: {
    line: event(Line, { topic: Where, subscribe: 'clients' }),
    notice: event(z.string()),
  },
})

/** A name for the type of the contract, which editors show instead of the expanded type. */
export interface Chat extends Readonly<typeof chat> {}
