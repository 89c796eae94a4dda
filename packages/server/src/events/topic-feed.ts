/** Delivers what other servers publish to a topic while a connection of this server is subscribed to it. */
export interface TopicFeed {
  /** Settles when it delivers everything published from then on. Never rejects. Undefined: it already does. */
  readonly ready: Promise<void> | undefined
  stop(): void
}
