import type { BusEvent, BusMember, BusReceiver, BusTopic, EventBus } from '../event-bus.ts'
import { subscriptionKey } from './subscriptions.ts'

class MemoryEventBus implements EventBus {
  /** The listening servers, by topic. */
  readonly #listening = new Map<string, Set<BusReceiver>>()

  join(receiver: BusReceiver): BusMember {
    const keys = new Set<string>()
    const ignore = (key: string) => {
      keys.delete(key)
      const receivers = this.#listening.get(key)
      receivers?.delete(receiver)
      if (receivers?.size === 0) this.#listening.delete(key)
    }
    return {
      publish: (event) => this.#publish(event, receiver),
      listen: (topic) => {
        const key = keyOf(topic)
        keys.add(key)
        const receivers = this.#listening.get(key) ?? new Set()
        receivers.add(receiver)
        this.#listening.set(key, receivers)
      },
      ignore: (topic) => ignore(keyOf(topic)),
      leave: () => {
        for (const key of [...keys]) ignore(key)
      },
    }
  }

  #publish(event: BusEvent, from: BusReceiver): void {
    for (const receiver of this.#listening.get(keyOf(event)) ?? []) {
      if (receiver !== from) receiver.event(event)
    }
  }
}

/**
 * Creates a bus between servers of the same thread, for tests and for programs with several servers. Between threads,
 * use `thisWorker().bus` of `@frameport/server/workers`; between machines, a broker.
 *
 * @example
 * ```ts
 * const eventBus = memoryEventBus()
 * const first = createServer(implementation, { eventBus })
 * const second = createServer(implementation, { eventBus })
 * ```
 */
export function memoryEventBus(): EventBus {
  return new MemoryEventBus()
}

function keyOf({ event, topic }: BusTopic): string {
  return subscriptionKey(event, topic)
}
