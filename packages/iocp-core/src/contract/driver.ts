import type { Endpoint } from '../endpoint/endpoint.ts'
import type { BackendName, BackendNote } from './backend-note.ts'
import type {
  CompletionPortCounters,
  CompletionPortOptions,
  ConnectOptions,
  ListenOptions,
} from './completion-port.ts'

/**
 * The seam inside the package: the core (core/) holds everything that is the same on every back end (the
 * state of a connection, verdicts, watermarks, waiters, exactly-once close), and a driver moves bytes.
 * `net/` implements it over node:net, `native/` over the addon (which chooses its own back end below).
 */
export interface Driver {
  readonly backend: BackendName
  readonly counters: CompletionPortCounters
  /** The value that it sets as TCP_NOTSENT_LOWAT; 0: it does not set the option. */
  readonly notSentLowBytes: number
  /**
   * Binds and listens. Rejects with IocpError. `host` is always an address here, names are resolved above.
   *
   * @param bindPath the path at which a unix socket is bound if it is not that of `endpoint`, which is shown; the caller
   *   owns the file
   */
  listen(
    endpoint: Endpoint,
    options: ListenOptions,
    events: ListenerEvents,
    bindPath?: string,
  ): Promise<DriverListener>
  /** One attempt to one address. Rejects with IocpError; an aborted `signal` has freed everything first. */
  connect(endpoint: Endpoint, options: ConnectOptions, signal: AbortSignal): Promise<DriverConnection>
  ref(): void
  unref(): void
  /** Called when all connections and listeners have closed. Frees the rest. */
  close(): Promise<void>
}

export interface DriverListener {
  readonly endpoint: Endpoint
  close(): Promise<void>
}

export interface ListenerEvents {
  /** The core binds its own object and sets `connection.events` before this returns. */
  accepted(connection: DriverConnection): void
  acceptFailed(error: Error): void
}

/**
 * The completions of one connection, decoded, which the driver reports to the core. None of these is called from
 * inside a call to the driver: completions come from the event loop, never from the submission.
 */
export interface DriverEvents {
  /** A receive completed with bytes, lent for the length of the call. */
  received(bytes: Uint8Array): void
  /** A receive with room completed with 0 bytes: the peer ended. */
  receivedEnd(): void
  /** Sends completed; `queuedBytes` are still owned by the driver. */
  sendProgress(queuedBytes: number): void
  /**
   * Last, exactly once: every operation of the connection has completed, its descriptor is closed and its
   * buffers are returned. `error`: why it broke (reset, timed out); absent if it was asked to close.
   */
  closed(error?: Error): void
}

/** The result of a send on a broken connection: nothing more leaves, and `closed` with the reason follows. */
export const sendRefused = -1

export interface DriverConnection {
  readonly localEndpoint: Endpoint
  readonly remoteEndpoint: Endpoint
  /** Set once by the core before any event. */
  events: DriverEvents
  /** Starts or resumes receiving. */
  receiveStart(): void
  /**
   * After this returns, no `received` follows until `receiveStart`. Bytes for the connection in the current batch are held
   * back, as are those that the kernel delivers before it processes the stop.
   */
  receiveStop(): void
  /**
   * Takes all bytes (copying them or giving them to the kernel) and returns how many it still owns; {@link sendRefused}
   * when the connection is broken. `parts` hold at least `bytes`, of which exactly those are taken.
   */
  send(parts: readonly Uint8Array[], bytes: number): number
  /**
   * Offers the gathered sends of this turn to the system now, if the driver gathers sends. Returns how many bytes it
   * still owns; {@link sendRefused} when the connection is broken.
   */
  offer(): number
  /** Half-close after everything taken so far. */
  shutdown(): void
  /** Keeps the process alive while the connection and its driver are open (the default). No-op once it has closed. */
  ref(): void
  unref(): void
  /** Closes now: cancels, awaits the completions, closes, then `closed`. `reset`: with RST. Idempotent. */
  close(reset: boolean): void
}

/** All options of a port, with defaults for those that were omitted. */
export type CompletePortOptions = {
  readonly [Name in keyof CompletionPortOptions]-?: Exclude<CompletionPortOptions[Name], undefined>
}

/** How to make a back end, and the facts about it on this machine. */
export interface DriverFactory {
  readonly backend: BackendName
  /** Whether it takes the option `workers`. */
  readonly hasWorkers?: boolean
  /** Why it cannot take the option `notSentLowBytes`; undefined if it can. Probes the system as `note` does. */
  notSentLowRefusal(): string | undefined
  /** @throws IocpError `BACKEND_UNAVAILABLE` if it does not work here */
  open(options: CompletePortOptions): Driver
  /** Whether it works here, the steps that were tried, and why not. Probes the system at the first call only. */
  note(): BackendNote
}
