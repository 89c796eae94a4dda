/** A log of events in a process of its own, which several servers ask by messages: the smallest thing behind the seam `EventLog`. */
import { type EventToLog, type LogQuery, memoryEventLog } from '@frameport/server'

/** Asked by a server, and answered with the same id. */
export type Asked = { readonly id: number } & ({ readonly append: EventToLog } | { readonly after: LogQuery })

const log = memoryEventLog()

process.on('message', async (asked: Asked) => {
  const answer = await ('append' in asked ? log.append(asked.append) : log.after(asked.after))
  process.send?.({ id: asked.id, answer })
})
process.send?.('ready')
