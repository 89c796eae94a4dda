import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { Reading, reading } from './message.ts'
import { resumeOption } from './resume-option.ts'
import { eventSteps } from './sizes.ts'
import type { Load, Work } from './work.ts'

/** Beside the other works, because checkouts from before clients subscribed cannot take its contract. */
const house = contract('house-of-events', {
  version: 1,
  procedures: { announce: procedure({ input: Reading }) },
  events: { told: event(Reading, { subscribe: 'clients' }) },
})

/** One client announces, and the step is over when all of them have heard of it. */
export function oursEvents(subscribers: number): Work {
  return {
    async serve() {
      const handlers = implement(house).handlers({
        announce({ input }) {
          served.publish(house.events.told, input)
        },
      })
      const served = createServer(handlers, { ...resumeOption, authorizeSubscribe: () => true })
      const listener = await served.listen('tcp://127.0.0.1:0')
      return { port: Number(new URL(listener.url).port), backend: listener.backend }
    },
    async connect(port): Promise<Load> {
      const deliveries = new Deliveries(subscribers)
      const open = async () => {
        const client = createClient(house, `tcp://127.0.0.1:${port}`, resumeOption)
        await client.$on('told', ({ id }) => deliveries.came(id)).subscribed
        return client
      }
      const first = await open()
      for (let opened = 1; opened < subscribers; opened++) await open()
      let number = 0
      return {
        ...eventSteps(subscribers),
        async step() {
          const announced = reading(number++)
          const delivered = deliveries.ofAll(announced.id)
          await first.announce(announced)
          await delivered
        },
      }
    },
  }
}

/** Events that are on their way, and how many subscribers have not got each. */
class Deliveries {
  readonly #subscribers: number
  readonly #open = new Map<number, { left: number; readonly settle: () => void }>()

  constructor(subscribers: number) {
    this.#subscribers = subscribers
  }

  /** Settles when everybody has got it. */
  ofAll(id: number): Promise<void> {
    return new Promise((settle) => this.#open.set(id, { left: this.#subscribers, settle }))
  }

  came(id: number): void {
    const delivery = this.#open.get(id)
    if (delivery === undefined) throw new Error(`The event ${id} came too often, or was not announced.`)
    if (--delivery.left > 0) return
    this.#open.delete(id)
    delivery.settle()
  }
}
