import type { HostRecord, LinkRecord, ServedRecord } from './records.ts'
import type { Entry, EntryOf } from './trace.ts'
import { require } from './violation.ts'
import type { PublishedEvent, World } from './world.ts'

/** What subscribers learn about events. */
export class EventRules {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** @returns whether the entry is about events */
  see(entry: Entry): boolean {
    switch (entry.what) {
      case 'publish':
        this.#published(this.#world.host(entry.host), entry.server, entry.topic).push(entry)
        return true
      case 'listenTo': {
        const link = this.#world.link(entry.link)
        const subscription = link.subscription(entry.topic)
        subscription.isListening = true
        subscription.liveFrom = this.#publishedTo(link, entry.topic).length
        subscription.by = entry.by
        if (entry.by === 'handlers') subscription.isFollowed = true
        return true
      }
      case 'subscribes':
        this.#world.session(entry.served).topics.add(entry.topic)
        return true
      case 'subscribed': {
        const link = this.#world.link(entry.link)
        require(link.client.closedAtMs === undefined, 'closed is last: nothing of an event', () =>
          String(link))
        const subscription = link.subscription(entry.topic)
        subscription.completeFrom = this.#publishedTo(link, entry.topic).length
        subscription.isFollowed = true
        return true
      }
      case 'subscribeFailed':
        this.#subscribeFailed(this.#world.link(entry.link), entry)
        return true
      case 'stopListening': {
        const subscription = this.#world.link(entry.link).subscription(entry.topic)
        subscription.isListening = false
        subscription.completeFrom = Number.POSITIVE_INFINITY
        subscription.owesGap = false
        subscription.isFollowed = false
        subscription.wasStopped = true
        return true
      }
      case 'event':
        this.#event(this.#world.link(entry.link), entry)
        return true
      case 'gap':
        this.#gap(this.#world.link(entry.link), entry.topic)
        return true
      default:
        return false
    }
  }

  /** Another session has replaced the earlier one. */
  replaced(link: LinkRecord, before: ServedRecord): void {
    for (const [topic, subscription] of link.subscriptions) {
      subscription.liveFrom = this.#publishedTo(link, topic).length
      // Events in the log still arrive.
      if (this.#isLogged(topic)) continue
      subscription.completeFrom = Number.POSITIVE_INFINITY
      subscription.owesGap = subscription.isListening && subscription.isFollowed
      if (before.server !== link.served?.server) subscription.lastIndex = -1
    }
  }

  /** Faults have stopped, and everything has had enough time. */
  rest(): void {
    for (const link of this.#world.links.values()) {
      if (this.#world.atACut.eventsMayBeLost(link)) continue
      for (const [topic, subscription] of link.subscriptions) {
        const { isListening, lastIndex, completeFrom, hasGap, owesGap, isFollowed } = subscription
        const isSubscribed = isFollowed && !owesGap
        require(!isListening || isSubscribed, 'a client subscribes again by itself', () =>
          `${topic} on ${link}`)
        const { length } = this.#publishedTo(link, topic)
        const firstMissing = Math.max(lastIndex + 1, completeFrom)
        const isComplete = hasGap || this.#areOthers(link, topic, firstMissing, length)
        require(!isListening || isComplete, 'no event is lost while its session lives', () =>
          `${topic} on ${link}: the last one is ${lastIndex} of ${length}`)
      }
    }
  }

  #event(link: LinkRecord, { topic, number }: EntryOf<'event'>): void {
    const subscription = link.subscription(topic)
    const detail = () => `event ${number} of ${topic} on ${link}`
    require(link.client.closedAtMs === undefined, 'closed is last: nothing of an event', detail)
    require(subscription.isListening, 'an event goes to those who listen', detail)
    const index = this.#publishedTo(link, topic).findIndex((each) => each.number === number)
    require(index >= 0, 'an event goes to its topic', detail)
    require(index > subscription.lastIndex, 'events come in order, each once', detail)
    require(subscription.by === 'clients' ||
      link.served?.topics.has(topic) === true, 'an event goes to those who are subscribed', detail)
    require(!subscription.owesGap, 'no event is missing without a gap that says so', detail)
    const firstMissing = Math.max(subscription.lastIndex + 1, subscription.completeFrom)
    require(this.#areOthers(link, topic, firstMissing, index) ||
      subscription.hasGap, 'no event is missing without a gap that says so', detail)
    subscription.lastIndex = index
    subscription.hasGap = false
    // A subscriber that receives one event must receive all later ones.
    if (subscription.completeFrom !== Number.POSITIVE_INFINITY && !subscription.wasStopped)
      subscription.completeFrom = Math.min(subscription.completeFrom, index + 1)
  }

  #subscribeFailed(link: LinkRecord, { topic, code }: EntryOf<'subscribeFailed'>): void {
    const { atACut } = this.#world
    const { client, served, replacedAtMs, left } = link
    const mayFail =
      link.isEnding ||
      client.closedAtMs !== undefined ||
      atACut.linkMayEnd(link) ||
      replacedAtMs > 0 ||
      left.length > 0 ||
      (served !== undefined && atACut.sessionMayEnd(served))
    const isCode = code === 'UNAVAILABLE' || (code === 'UNAUTHENTICATED' && atACut.mayBeRefused(link))
    require(isCode && mayFail, 'a subscription fails for a reason that there is', () =>
      `${code} for ${topic} on ${link}`)
  }

  /** If events may be missing because the session was replaced, a gap reports that, and later events arrive. */
  #gap(link: LinkRecord, topic: string): void {
    const subscription = link.subscription(topic)
    if (this.#isLogged(topic)) {
      const toCome = this.#publishedTo(link, topic).length - subscription.lastIndex - 1
      require(toCome >
        this.#world.facts.loggedEventsMax, 'a gap of what a log keeps says that it has lost some', () =>
        `${topic} on ${link}: ${toCome} events are to come`)
    }
    subscription.hasGap = true
    if (subscription.owesGap && subscription.by === 'clients')
      subscription.completeFrom = this.#publishedTo(link, topic).length
    subscription.owesGap = false
  }

  /**
   * Whether none of the events in this range had to arrive. Events that another server publishes while the client is
   * subscribed go to the subscribers of that server, and into the shared log.
   */
  #areOthers(link: LinkRecord, topic: string, from: number, to: number): boolean {
    const { liveFrom } = link.subscription(topic)
    const skipped = this.#publishedTo(link, topic).slice(from, Math.max(from, to))
    return skipped.every(({ server }, index) => from + index >= liveFrom && server !== link.served?.server)
  }

  /** The events published to the current session of a link. */
  #publishedTo({ served, serverHosts }: LinkRecord, topic: string): PublishedEvent[] {
    return this.#published(served?.host ?? serverHosts[0], served?.server, topic)
  }

  #published(host: HostRecord | undefined, server: number | undefined, topic: string): PublishedEvent[] {
    const log = this.#world.facts.logIsShared ? 'log' : host?.name
    return this.#world.published(this.#isLogged(topic) ? log : server, topic)
  }

  #isLogged(topic: string): boolean {
    const { loggedEvent } = this.#world.facts
    return loggedEvent !== undefined && topic.startsWith(`${loggedEvent} `)
  }
}
