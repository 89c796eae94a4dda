import { contract, event, procedure, type RpcError } from '@frameport/protocol'
import type { LogPosition } from '@frameport/protocol/envelope'
import { z } from 'zod'
import { EventListeners } from '../../src/events/event-listeners.ts'
import type { ListenedTopic } from '../../src/events/listened-topic.ts'

/** One event of each kind. */
export const news = contract('news', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: {
    all: event(z.string()),
    room: event(z.string(), { topic: z.string() }),
    own: event(z.string(), { topic: z.string(), subscribe: 'clients' }),
    slow: event(
      z.string().refine(async () => true),
      { topic: z.string(), subscribe: 'clients' },
    ),
  },
})
export const nothing = () => undefined

/** The listeners of a client without a session, and what they request and report. */
export function listeners(eventsQueuedMax = 10) {
  const left: string[] = []
  const listened: ListenedTopic[] = []
  const overflows: string[] = []
  const gaps: unknown[] = []
  const again: { name: string; topic: string; position: unknown; resolve(failure?: RpcError): void }[] = []
  const invalid: RpcError[] = []
  const settled = { times: 0 }
  const made = new EventListeners(news, {
    queuedMax: { events: eventsQueuedMax, bytes: 1_000 },
    onUncaught: nothing,
    onInvalidEvent: (error) => void invalid.push(error),
    onOverflow: (problem) => void overflows.push(problem),
    onGap: (gap) => void gaps.push(gap),
    silence: { listens: nothing, settle: () => void settled.times++ },
    outage: () => undefined,
    topics: {
      listens: async (topic) => void listened.push(topic),
      listensAgain: ({ event: { name }, topic, position }) =>
        new Promise((resolve) => again.push({ name, topic, position, resolve })),
      left: ({ event: { name }, topic }) => void left.push(`${name} ${topic}`),
    },
  })
  const receive = (name: string, topic: string, value: unknown = 'text', position?: LogPosition) =>
    made.receive({ event: `news@1/${name}`, topic, body: { kind: 'value', value }, position }, 4)
  return { made, left, listened, gaps, again, overflows, invalid, settled, receive }
}
