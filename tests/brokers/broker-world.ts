import type { EventBus, EventHistory } from '@frameport/server'

/** A way for servers to exchange events. The same tests run in each world. */
export interface BrokerWorld {
  readonly name: string
  /** The reason why it is unavailable on this machine. Its tests are skipped. */
  readonly absent?: string | undefined
  /** The reason why its broker cannot fail. Tests of outages are skipped. */
  readonly neverAway?: string
  /** Starts an empty broker, if there is one. */
  open(): Promise<OpenWorld>
}

export interface OpenWorld {
  /** The bus of one more server, as a separate server would open it. */
  bus(): Promise<EventBus>
  /** The log of one more server. All servers of this world share its events. */
  log(): Promise<EventHistory>
  /** Stops the broker and starts it again with the data that it kept. Undefined if `neverAway` has a reason. */
  readonly outage: { begin(): Promise<void>; end(): Promise<void> } | undefined
  /** Stops the broker, and closes every bus and log that was opened. */
  close(): Promise<void>
}
