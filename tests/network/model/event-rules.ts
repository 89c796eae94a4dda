import { atACut } from './at-a-cut.ts'
import type { LinkRecord } from './records.ts'
import type { Entry, EntryOf } from './trace.ts'
import { require } from './violation.ts'
import type { World } from './world.ts'

/** What subscribers are told of events. */
export class EventRules {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** @returns whether the entry is about events */
  see(entry: Entry): boolean {
    switch (entry.what) {
      case 'publish':
        this.#world.published(entry.server, entry.topic).push(entry.number)
        return true
      case 'listenTo':
        this.#world.link(entry.link).subscription(entry.topic).isListening = true
        return true
      case 'subscribed': {
        const link = this.#world.link(entry.link)
        require(link.client.closedAtMs === undefined, 'closed is last: nothing of an event', () =>
          String(link))
        link.subscription(entry.topic).completeFrom = this.#published(link, entry.topic).length
        return true
      }
      case 'subscribeFailed':
        this.#subscribeFailed(this.#world.link(entry.link), entry)
        return true
      case 'stopListening': {
        const subscription = this.#world.link(entry.link).subscription(entry.topic)
        subscription.isListening = false
        subscription.completeFrom = Number.POSITIVE_INFINITY
        return true
      }
      case 'event':
        this.#event(this.#world.link(entry.link), entry)
        return true
      case 'gap':
        this.#world.link(entry.link).subscription(entry.topic).hasGap = true
        return true
      default:
        return false
    }
  }

  /** Faults have stopped, and everything had its time. */
  rest(): void {
    for (const link of this.#world.links.values()) {
      if (atACut.eventsMayBeLost(link) || link.client.isDead || link.server.isDead) continue
      for (const [topic, { isListening, lastIndex, completeFrom, hasGap }] of link.subscriptions) {
        const { length } = this.#published(link, topic)
        const isComplete = length <= completeFrom || lastIndex === length - 1 || hasGap
        require(!isListening || isComplete, 'no event is lost while its connection lives', () =>
          `${topic} on ${link}: the last one is ${lastIndex} of ${length}`)
      }
    }
  }

  #event(link: LinkRecord, { topic, number }: EntryOf<'event'>): void {
    const subscription = link.subscription(topic)
    const detail = () => `event ${number} of ${topic} on ${link}`
    require(link.client.closedAtMs === undefined, 'closed is last: nothing of an event', detail)
    require(subscription.isListening, 'an event goes to those who listen', detail)
    const index = this.#published(link, topic).indexOf(number)
    require(index >= 0, 'an event goes to its topic', detail)
    require(index > subscription.lastIndex, 'events come in order, each once', detail)
    const firstMissing = Math.max(subscription.lastIndex + 1, subscription.completeFrom)
    require(index <= firstMissing ||
      index < subscription.completeFrom ||
      subscription.hasGap, 'no event is missing without a gap that says so', detail)
    subscription.lastIndex = index
    subscription.hasGap = false
  }

  #subscribeFailed(link: LinkRecord, { topic, code }: EntryOf<'subscribeFailed'>): void {
    const mayFail = link.isEnding || atACut.linkMayEnd(link) || link.client.closedAtMs !== undefined
    require(code === 'UNAVAILABLE' && mayFail, 'a subscription fails for a reason that there is', () =>
      `${code} for ${topic} on ${link}`)
  }

  #published({ acceptedBy }: LinkRecord, topic: string): number[] {
    return this.#world.published(acceptedBy, topic)
  }
}
