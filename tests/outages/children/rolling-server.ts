/**
 * One of several servers behind one address: `rolling-server.ts BACKEND`. It closes in order after SIGTERM. It
 * publishes on request of the process that forked it, and uses the log of that process.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { BackendName } from '@frameport/iocp-core'
import { createServer, type EventLog, type EventToLog, implement, type LogQuery } from '@frameport/server'
import { closeOnSignals } from '@frameport/server/node'
import type { ToParent, ToServer } from '../rolling-messages.ts'
import { rolling } from '../work-contract.ts'

const [backend] = process.argv.slice(2) as [BackendName]
const say = (message: ToParent) => process.send?.(message)

const waiting = new Map<number, (answer: unknown) => void>()
let asked = 0
const ask = (question: { append: EventToLog } | { after: LogQuery }) => {
  const id = ++asked
  say({ id, ...question })
  return new Promise<never>((resolve) => waiting.set(id, resolve as (answer: unknown) => void))
}
const log: EventLog = {
  append: (event) => ask({ append: event }),
  after: (query) => ask({ after: query }),
}

const server = createServer(
  implement(rolling).handlers({
    place: async ({ input: { number } }) => {
      say({ placed: number })
      await delay(number % 20)
      return { number }
    },
    look: async ({ input: { number } }) => {
      await delay(number % 20)
      return { number }
    },
    async *count({ input: { from, to } }) {
      for (let number = from; number < to; number++) {
        await delay(10)
        yield { number }
      }
    },
  }),
  {
    backend,
    limits: { callsInFlightMax: 1_024 },
    authorizeSubscribe: () => true,
    eventLogs: [{ log, events: [rolling.events.tick] }],
  },
)
const { url } = await server.listen('tcp://127.0.0.1:0')
process.on('message', (message: ToServer) => {
  if ('publish' in message) {
    const topic = { clock: 'wall' }
    const payload = { number: message.publish }
    // The result is not awaited, because a closed server publishes nothing.
    server.publish(rolling.events.tick, topic, payload).then(undefined, () => undefined)
    server.publish(rolling.events.tock, topic, payload)
    return
  }
  waiting.get(message.id)?.(message.answer)
  waiting.delete(message.id)
})
closeOnSignals(server, {
  signals: ['SIGTERM'],
  announceMs: 400,
  graceMs: 1_000,
  onClosed: () => process.disconnect(),
})
say({ url })
