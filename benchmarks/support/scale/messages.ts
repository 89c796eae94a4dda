/** What the runner of `bench:scale` asks its programs. Each answers with one message. */
export type ScaleQuestion =
  /** Server: collects garbage, and says what is left. */
  | { readonly ask: 'memory' }
  /** Server: how many sessions there are. */
  | { readonly ask: 'sessions' }
  /** Server: from here on pauses count. */
  | { readonly ask: 'watch' }
  /** Server: the pauses since then. */
  | { readonly ask: 'pauses' }
  /** Client: opens connections until it holds so many. */
  | { readonly ask: 'hold'; readonly connections: number }
  /** Client: loses all connections; settles when each has answered a call on the next one. */
  | { readonly ask: 'come back' }
  /** Client: a call at a time on each connection, for so long. */
  | { readonly ask: 'call'; readonly ms: number }
  /** Publisher: so many events. */
  | {
      readonly ask: 'publish'
      readonly to: EventPlace
      readonly events: number
      readonly inFlight: number
    }
  /** Receiver: settles when so many events have come since it was asked last. */
  | { readonly ask: 'receive'; readonly events: number }

/** Where events are published, or kept. */
export type EventPlace = 'bus' | 'jetstream' | 'power' | 'process'

export interface ServerMemory {
  /** In the heap of JavaScript, and what it holds outside. */
  readonly heapBytes: number
  /** Of one full collection that stops everything. */
  readonly collectionMs: number
}

export interface ServerSessions {
  /** Those that have a connection. */
  readonly attached: number
  /** Those whose clients have lost it. */
  readonly detached: number
}

export interface ServerPauses {
  readonly collections: number
  readonly longestCollectionMs: number
  readonly collectionsMs: number
}

export interface ScaleWork {
  readonly units: number
  readonly elapsedMs: number
}
