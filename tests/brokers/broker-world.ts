import type { EventBus, EventHistory } from '@frameport/server'

/** A way in which servers hear of each other. The same list of tests runs over each. */
export interface BrokerWorld {
  readonly name: string
  /** Why it cannot be had on this machine: its tests are skipped. */
  readonly absent?: string | undefined
  /** Why its broker cannot be taken away: tests of outages are skipped. */
  readonly neverAway?: string
  /** Starts the broker, if there is one, with nothing in it. */
  open(): Promise<OpenWorld>
}

export interface OpenWorld {
  /** The bus of one more server, as a server of its own would open it. */
  bus(): Promise<EventBus>
  /** The log of one more server. All servers of this world share what it keeps. */
  log(): Promise<EventHistory>
  /** Takes the broker away and brings it back, with what it kept. Undefined where `neverAway` says why. */
  readonly outage: { begin(): Promise<void>; end(): Promise<void> } | undefined
  /** Ends the broker, and closes every bus and log that was opened. */
  close(): Promise<void>
}
