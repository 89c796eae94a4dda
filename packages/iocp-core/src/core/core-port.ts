import { aFunction, readOptions } from '../arguments/read-options.ts'
import type { BackendName, BackendNote } from '../contract/backend-note.ts'
import type {
  CompletionPort,
  CompletionPortCounters,
  ConnectOptions,
  Listener,
  ListenOptions,
  SocketOptions,
} from '../contract/completion-port.ts'
import type { Connection } from '../contract/connection.ts'
import type {
  CompletePortOptions,
  Driver,
  DriverConnection,
  DriverListener,
  ListenerEvents,
} from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl, parseEndpoint } from '../endpoint/parse-endpoint.ts'
import { resolveEndpoint } from '../endpoint/resolve-host.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import { asyncDispose } from '../platform/async-dispose.ts'
import { type CallbackContext, currentContext, emptyContext } from '../platform/callback-context.ts'
import { bindAddresses, saySkipped } from './bind-addresses.ts'
import { connectToAny, type TimerCount } from './connect-attempts.ts'
import { type ConnectionSettings, CoreConnection } from './core-connection.ts'
import { CoreListener } from './core-listener.ts'
import { publishConnection, publishListener, watchConnect } from './port-channels.ts'
import { connectOptions, listenOptions } from './socket-options.ts'
import { listenAtPath, refuseUnixMode, unixPathsAreFiles } from './unix/listen-at-path.ts'

/** The port above a driver: everything that is the same on every back end. */
export class CorePort implements CompletionPort {
  readonly #driver: Driver
  readonly #options: CompletePortOptions
  readonly #notes: () => readonly BackendNote[]
  readonly #connections = new Set<CoreConnection>()
  readonly #listeners = new Set<CoreListener>()
  readonly #starting = new Set<Promise<unknown>>()
  /** One for each listen and connect in progress. */
  readonly #attempts = new Set<AbortController>()
  readonly #timerCount: TimerCount = { timers: 0 }
  #connectionIds = 0
  #closing: Promise<void> | undefined
  #lastConnectionClosed: (() => void) | undefined

  constructor(driver: Driver, options: CompletePortOptions, notes: () => readonly BackendNote[]) {
    this.#driver = driver
    this.#options = options
    this.#notes = notes
  }

  get backend(): BackendName {
    return this.#driver.backend
  }

  get backendNotes(): readonly BackendNote[] {
    return this.#notes()
  }

  get counters(): CompletionPortCounters {
    const counters = this.#driver.counters
    return {
      listeners: counters.listeners,
      connections: counters.connections,
      operationsInFlight: counters.operationsInFlight,
      buffersInUse: counters.buffersInUse,
      handles: counters.handles,
      timers: counters.timers + this.#timerCount.timers,
    }
  }

  get notSentLowBytes(): number {
    return this.#driver.notSentLowBytes
  }

  async listen(
    endpoint: Endpoint | string,
    onConnection: (connection: Connection) => void,
    options: ListenOptions = {},
  ): Promise<Listener> {
    const wanted = this.#usable(endpoint)
    const told = aFunction<typeof onConnection>(onConnection, 'onConnection')
    const checked = readOptions(options, 'listen', listenOptions)
    if (checked.unixMode !== undefined) refuseUnixMode(wanted)
    return this.#attempt((signal) => this.#listen(wanted, told, checked, signal))
  }

  async connect(endpoint: Endpoint | string, options: ConnectOptions = {}): Promise<Connection> {
    const wanted = this.#usable(endpoint)
    const checked = readOptions(options, 'connect', connectOptions)
    if (wanted.kind === 'tcp' && wanted.port === 0) {
      throw new IocpError('INVALID_ENDPOINT', {
        detail: `Cannot connect to '${endpointUrl(wanted)}', port 0 means any free port, and only listen accepts it`,
        fix: 'Connect to listener.url, which contains the real port.',
      })
    }
    const timeoutMs = checked.timeoutMs ?? limits.connectTimeoutMs.default
    // The context of the caller, not of the code that completes the connect.
    const settings = this.#settingsOf(checked, currentContext())
    const connect = () =>
      this.#attempt((signal) => this.#connect(wanted, checked, settings, timeoutMs, signal), checked.signal)
    return watchConnect({ url: endpointUrl(wanted), backend: this.backend }, connect)
  }

  ref(): void {
    this.#driver.ref()
  }

  unref(): void {
    this.#driver.unref()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [asyncDispose](): Promise<void> {
    return this.close()
  }

  async #listen(
    wanted: Endpoint,
    onConnection: (connection: Connection) => void,
    options: ListenOptions,
    signal: AbortSignal,
  ): Promise<Listener> {
    const addresses = await resolveEndpoint(wanted, signal)
    this.#refuseWhenClosed()
    // One socket for each address: with one IPv6 socket for both families, `::` would take the port of `0.0.0.0`.
    const ofEach = addresses.length > 1 ? { ipv6Only: true, ...options } : options
    const settings = this.#settingsOf(options, emptyContext, () => listener.left())
    const listener = new CoreListener({
      backend: this.backend,
      connectionsMax: options.connectionsMax ?? limits.connectionsMax.default,
      onConnection,
      onAcceptError: options.onAcceptError,
      adopt: (found) => {
        const connection = this.#adopt(found, settings)
        publishConnection('accepted', connection)
        return connection
      },
      onClosed: (closed) => {
        if (this.#listeners.delete(closed)) publishListener('closed', closed)
      },
    })
    const bind = (address: Endpoint) => this.#bind(address, ofEach, listener, signal)
    const bound = await bindAddresses(wanted, addresses, bind, signal)
    listener.bound(bound)
    if (this.#closing !== undefined) {
      await listener.close()
      this.#refuseWhenClosed()
    }
    this.#listeners.add(listener)
    saySkipped(wanted, bound)
    publishListener('listening', listener)
    return listener
  }

  #bind(
    address: Endpoint,
    options: ListenOptions,
    events: ListenerEvents,
    signal: AbortSignal,
  ): Promise<DriverListener> {
    // A listener lives long, so it must not keep the store of its caller alive.
    const bind = (path?: string) =>
      emptyContext.runInAsyncScope(this.#driver.listen, this.#driver, address, options, events, path)
    if (address.kind !== 'unix' || !unixPathsAreFiles) return bind()
    const host = { driver: this.#driver, signal, timerCount: this.#timerCount }
    return listenAtPath(address, options.unixMode, bind, host)
  }

  async #connect(
    wanted: Endpoint,
    options: ConnectOptions,
    settings: ConnectionSettings,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Connection> {
    const found = await connectToAny(this.#driver, wanted, options, timeoutMs, signal, this.#timerCount)
    const connection = this.#adopt(found, settings)
    publishConnection('connected', connection)
    if (signal.aborted) {
      connection.abort()
      throw signal.reason
    }
    return connection
  }

  #settingsOf(
    { resetOnClose = false }: SocketOptions,
    context: CallbackContext,
    left?: () => void,
  ): ConnectionSettings {
    return {
      backend: this.backend,
      sendQueueHighBytes: this.#options.sendQueueHighBytes,
      sendQueueLowBytes: this.#options.sendQueueLowBytes,
      poisonLentBytes: this.#options.poisonLentBytes,
      resetOnClose,
      context,
      onClosed: (closed, error) => {
        this.#connections.delete(closed)
        publishConnection('closed', closed, error)
        left?.()
        if (this.#connections.size === 0) this.#lastConnectionClosed?.()
      },
    }
  }

  #adopt(driver: DriverConnection, settings: ConnectionSettings): CoreConnection {
    const connection = new CoreConnection(driver, ++this.#connectionIds, settings)
    this.#connections.add(connection)
    if (this.#closing !== undefined) connection.abort(closedError())
    return connection
  }

  async #close(): Promise<void> {
    for (const attempt of this.#attempts) attempt.abort(closedError())
    const listeners = [...this.#listeners].map((listener) => listener.close())
    for (const connection of this.#connections) connection.abort(closedError())
    await Promise.allSettled([...listeners, ...this.#starting])
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#lastConnectionClosed = resolve
      })
    }
    await this.#driver.close()
  }

  /**
   * Runs a listen or a connect under a signal of its own, which the caller's signal and `close` abort. `close`
   * waits for its end. (AbortSignal.any would gather garbage on a long-lived signal of the caller.)
   */
  async #attempt<Result>(
    run: (signal: AbortSignal) => Promise<Result>,
    given?: AbortSignal,
  ): Promise<Result> {
    const attempt = new AbortController()
    const abort = () => attempt.abort(new IocpError('ABORTED', { detail: 'connect', cause: given?.reason }))
    if (given?.aborted === true) abort()
    given?.addEventListener('abort', abort, { once: true })
    this.#attempts.add(attempt)
    const running = run(attempt.signal)
    this.#starting.add(running)
    try {
      return await running
    } finally {
      this.#starting.delete(running)
      this.#attempts.delete(attempt)
      given?.removeEventListener('abort', abort)
    }
  }

  #usable(endpoint: Endpoint | string): Endpoint {
    this.#refuseWhenClosed()
    return parseEndpoint(endpoint)
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) throw closedError()
  }
}

function closedError(): IocpError {
  return new IocpError('PORT_CLOSED')
}
