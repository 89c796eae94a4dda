import type { ClientProcedures } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

/** The number of the call in its run, the link on which it is made, and a text of any length. */
const Input = z.object({ call: z.number(), link: z.number(), text: z.string() })
/** A value that no other handler returns. */
const Output = z.object({ value: z.number() })
/** Items count from 0, or from the position at which a stream continues. */
const Item = z.object({ number: z.number(), text: z.string() })

/** The error of a handler that refuses. */
const errors = { BUSY: Output }

/** One procedure of each kind, for servers and clients. */
const shared = {
  put: procedure({ input: Input, output: Output, errors }),
  get: procedure({ input: Input, output: Output, errors, idempotent: true }),
  list: procedure({ input: Input, items: Item, errors }),
  /** A stream that continues after its last item when its session has been replaced. */
  follow: procedure({
    input: Input.extend({ from: z.number() }),
    items: Item,
    errors,
    resumeFrom: (input, { number }) => ({ ...input, from: number + 1 }),
  }),
  store: procedure({ input: Input, upload: Item, output: Output, errors }),
  talk: procedure({ input: Input, upload: Item, items: Item, errors }),
  note: procedure({ input: Input, oneWay: true }),
}

const Topic = z.object({ room: z.string() })
const Payload = z.object({ number: z.number(), text: z.string() })

export const network = contract('network', {
  version: 1,
  procedures: {
    ...shared,
    /** The handler subscribes its client to `line` in all rooms. */
    join: procedure({ input: Input, output: Output, errors }),
  },
  clientProcedures: shared,
  events: {
    news: event(Payload, { topic: Topic, subscribe: 'clients' }),
    price: event(Payload, { topic: Topic, subscribe: 'clients', whenSlow: 'dropOldest' }),
    line: event(Payload, { topic: Topic }),
  },
})

/** Calls of these procedures, in either direction. */
export type Calls = ClientProcedures<typeof shared>
export type ProcedureName = keyof typeof shared
export type EventName = keyof typeof network.events
export type Room = 'east' | 'west'

/** The name of a topic in traces. */
export function topicName(event: string, room: string): string {
  return `${event} ${room}`
}
