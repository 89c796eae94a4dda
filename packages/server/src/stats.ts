import type { SessionStats } from '@frameport/protocol/session'

/** What one connection does and holds, for measurements. */
export interface ConnectionStats extends SessionStats {
  /** Topics it is subscribed to. */
  readonly subscriptions: number
}

/** What a server does and holds, for measurements. */
export interface ServerStats {
  readonly connections: number
  /** Handlers that run, those of calls that were given up included. */
  readonly handlersInFlight: number
  /** Topics that somebody is subscribed to. */
  readonly topics: number
  readonly memory: {
    /** What all connections hold for their clients, as they reported it last: each may hold some KiB more or less. */
    readonly bytes: number
    readonly bytesMax: number
    /** Connections that were given up because it was used up. */
    readonly connectionsGivenUp: number
  }
  /** Connections that have used up their time in this turn of the event loop, and wait for the next. */
  readonly connectionsWaitingForTurn: number
}
