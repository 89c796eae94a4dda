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
  /** What it sets as TCP_NOTSENT_LOWAT; 0: nothing. */
  readonly notSentLowBytes: number
  /**
   * Binds and listens. Rejects with IocpError. `host` is always an address here, names are resolved above.
   *
   * @param bindPath where a unix socket is bound, when that is not the path of `endpoint`: that one is shown, and the file
   *   is the caller's
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
 * What the driver tells the core: the completions of one connection, decoded. None of these is called from
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
   * buffers are back. `error` when it broke (reset, timed out), absent when it was asked to close.
   */
  closed(error?: Error): void
}

/** The answer to a send on a broken connection: nothing more leaves, and `closed` with the reason follows. */
export const sendRefused = -1

export interface DriverConnection {
  readonly localEndpoint: Endpoint
  readonly remoteEndpoint: Endpoint
  /** Set once by the core before any event. */
  events: DriverEvents
  /** Starts, or goes on, receiving. */
  receiveStart(): void
  /**
   * No `received` after this returns until `receiveStart`. Held back is what the batch under way still has for the
   * connection, and what the kernel brings until it hears of this.
   */
  receiveStop(): void
  /**
   * Takes all bytes (copying them or giving them to the kernel) and returns how many it still owns; {@link sendRefused}
   * when the connection is broken. `parts` hold at least `bytes`, of which exactly those are taken.
   */
  send(parts: readonly Uint8Array[], bytes: number): number
  /**
   * Offers what was gathered of this turn's sends to the system now, where sends are gathered. Returns how many bytes it
   * still owns; {@link sendRefused} when the connection is broken.
   */
  offer(): number
  /** Half-close after everything taken so far. */
  shutdown(): void
  /** Keeps the process alive while it is open, and its driver does (the default). No-op once it has closed. */
  ref(): void
  unref(): void
  /** Closes now: cancels, awaits the completions, closes, then `closed`. `reset`: with RST. Idempotent. */
  close(reset: boolean): void
}

/** All options of a port, with the defaults in the place of those that were left out. */
export type CompletePortOptions = {
  readonly [Name in keyof CompletionPortOptions]-?: Exclude<CompletionPortOptions[Name], undefined>
}

/** How a back end is made, and what is known about it here. */
export interface DriverFactory {
  readonly backend: BackendName
  /** Whether it takes the option `workers`. */
  readonly hasWorkers?: boolean
  /** Why it cannot take the option `notSentLowBytes`; undefined when it can. The system is asked as by `note`. */
  notSentLowRefusal(): string | undefined
  /** @throws IocpError `BACKEND_UNAVAILABLE` when it does not work here */
  open(options: CompletePortOptions): Driver
  /** Whether it works here: what was tried, and why it does not. The system is asked at the first call only. */
  note(): BackendNote
}
