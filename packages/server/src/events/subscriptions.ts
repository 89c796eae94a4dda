import type { SessionEvent } from '@frameport/protocol/session'

/** Who gets events of a topic. */
export interface Subscriber {
  /** `slow`: taken, and too much is queued now. `gone`: not taken. */
  deliver(event: SessionEvent): 'taken' | 'slow' | 'gone'
  /** Ends the connection of a slow subscriber. */
  dropSlow(event: SessionEvent): void
}

/** Subscribers by event and topic. Empty topics leave nothing behind. */
export class Subscriptions {
  readonly #subscribers = new Map<string, Set<Subscriber>>()

  get topics(): number {
    return this.#subscribers.size
  }

  add(key: string, subscriber: Subscriber): void {
    const present = this.#subscribers.get(key)
    if (present === undefined) this.#subscribers.set(key, new Set([subscriber]))
    else present.add(subscriber)
  }

  remove(key: string, subscriber: Subscriber): void {
    const present = this.#subscribers.get(key)
    if (present === undefined) return
    present.delete(subscriber)
    if (present.size === 0) this.#subscribers.delete(key)
  }

  /**
   * Hands an event to all subscribers, and returns how many took it. The slow ones are dropped after all have it:
   * what their going causes (a hook that publishes) must not overtake this event.
   */
  publish(key: string, event: SessionEvent): number {
    const subscribers = this.#subscribers.get(key)
    if (subscribers === undefined) return 0
    let taken = 0
    const slow: Subscriber[] = []
    for (const subscriber of subscribers) {
      const verdict = subscriber.deliver(event)
      if (verdict !== 'gone') taken++
      if (verdict === 'slow') slow.push(subscriber)
    }
    for (const subscriber of slow) subscriber.dropSlow(event)
    return taken
  }
}

/** The key of one event and topic: no event's name holds a line break. */
export function subscriptionKey(
  event: SessionEvent | { readonly event: string; readonly topic: string },
): string {
  return `${event.event}\n${event.topic}`
}
