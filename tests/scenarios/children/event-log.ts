/**
 * A log of events in its own process, which several servers call by messages: a minimal implementation of `EventLog`.
 */
import { type EventToLog, type LogQuery, memoryEventLog } from '@frameport/server'

/** A request of a server. The answer has the same id. */
export type Asked = { readonly id: number } & ({ readonly append: EventToLog } | { readonly after: LogQuery })

const log = memoryEventLog()

process.on('message', async (asked: Asked) => {
  const answer = await ('append' in asked ? log.append(asked.append) : log.after(asked.after))
  process.send?.({ id: asked.id, answer })
})
process.send?.('ready')
