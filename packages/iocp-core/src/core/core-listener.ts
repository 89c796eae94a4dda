import type { BackendName } from '../contract/backend-note.ts'
import type { Listener, SkippedAddress } from '../contract/completion-port.ts'
import type { Connection } from '../contract/connection.ts'
import type { DriverConnection, ListenerEvents } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { asyncDispose } from '../platform/async-dispose.ts'
import { emptyContext } from '../platform/callback-context.ts'
import { reportUncaught } from '../platform/report-uncaught.ts'
import type { BoundAddresses } from './bind-addresses.ts'
import type { CoreConnection } from './core-connection.ts'
import { onLateFailure } from './late-failure.ts'
import { publishListener } from './port-channels.ts'

export interface ListenerSettings {
  readonly backend: BackendName
  readonly connectionsMax: number
  readonly onConnection: (connection: Connection) => void
  readonly onAcceptError: ((error: Error) => void) | undefined
  /** Makes the core's object of an accepted connection; `left` is called when it is gone. */
  readonly adopt: (connection: DriverConnection) => CoreConnection
  readonly onClosed: (listener: CoreListener) => void
}

/**
 * The listening sockets of one endpoint: hands out accepted connections, counts them, and survives every accept error.
 */
export class CoreListener implements Listener, ListenerEvents {
  readonly #settings: ListenerSettings
  #bound: BoundAddresses | undefined
  #connections = 0
  #closing: Promise<void> | undefined

  constructor(settings: ListenerSettings) {
    this.#settings = settings
  }

  /** Completes the object: a driver may accept before its `listen` has settled. */
  bound(bound: BoundAddresses): void {
    this.#bound = bound
  }

  get backend(): BackendName {
    return this.#settings.backend
  }

  get endpoint(): Endpoint {
    return this.endpoints[0]!
  }

  get endpoints(): readonly Endpoint[] {
    return this.#handedOut.listeners.map(({ endpoint }) => endpoint)
  }

  get urls(): readonly string[] {
    return this.endpoints.map(endpointUrl)
  }

  get skipped(): readonly SkippedAddress[] {
    return this.#handedOut.skipped
  }

  get url(): string {
    return endpointUrl(this.endpoint)
  }

  get connections(): number {
    return this.#connections
  }

  accepted(driverConnection: DriverConnection): void {
    const full = this.#connections >= this.#settings.connectionsMax
    this.#connections++
    const connection = this.#settings.adopt(driverConnection)
    if (full || this.#closing !== undefined) {
      connection.abort()
      return
    }
    const failed = (error: unknown) => {
      emptyContext.runInAsyncScope(reportUncaught, undefined, error)
      connection.abort(new IocpError('CALLBACK_THREW', { detail: 'onConnection', cause: error }))
    }
    try {
      const { onConnection } = this.#settings
      onLateFailure(emptyContext.runInAsyncScope(onConnection, undefined, connection), failed)
    } catch (error) {
      failed(error)
    }
  }

  /** An adopted connection is gone. */
  left(): void {
    this.#connections--
  }

  acceptFailed(error: Error): void {
    if (this.#bound !== undefined) publishListener('accept-failed', this, error)
    const { onAcceptError } = this.#settings
    if (onAcceptError === undefined) return
    try {
      const returned: unknown = emptyContext.runInAsyncScope(onAcceptError, undefined, error)
      onLateFailure(returned, (thrown) => emptyContext.runInAsyncScope(reportUncaught, undefined, thrown))
    } catch (thrown) {
      emptyContext.runInAsyncScope(reportUncaught, undefined, thrown)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await Promise.all(this.#bound?.listeners.map((listener) => listener.close()) ?? [])
    this.#settings.onClosed(this)
  }

  get #handedOut(): BoundAddresses {
    if (this.#bound === undefined) throw new Error('a listener is handed out only when it is bound')
    return this.#bound
  }
}
