/** Brings what other servers publish to a topic, while anybody here is subscribed to it. */
export interface TopicFeed {
  /** Settles when it brings what is published from then on. Never rejects. Undefined: it brings it already. */
  readonly ready: Promise<void> | undefined
  stop(): void
}
