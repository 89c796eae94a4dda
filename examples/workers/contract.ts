import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Room = z.object({ room: z.string() })

export const chat = contract('chat', {
  version: 1,
  procedures: { say: procedure({ input: Room.extend({ text: z.string() }) }) },
  events: { line: event(z.string(), { topic: Room, subscribe: 'clients' }) },
})
