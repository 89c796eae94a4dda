import type { DriverConnection } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { errnoName } from './errno-name.ts'
import type { NativeConnection } from './native-connection.ts'

export interface PendingConnect {
  readonly endpoint: Endpoint
  readonly signal: AbortSignal
  readonly resolve: (connection: DriverConnection) => void
  readonly reject: (reason: unknown) => void
}

/** Connects in progress. An aborted one settles only when its descriptor is closed. */
export class PendingConnects {
  readonly #pending = new Map<NativeConnection, PendingConnect & { readonly stop: () => void }>()

  add(connection: NativeConnection, connect: PendingConnect): void {
    const abort = () => connection.close(false)
    connect.signal.addEventListener('abort', abort, { once: true })
    const stop = () => connect.signal.removeEventListener('abort', abort)
    this.#pending.set(connection, { ...connect, stop })
  }

  /** Connected. Returns undefined if it was aborted in between: then it is closing, and {@link failed} settles it. */
  take(connection: NativeConnection): PendingConnect | undefined {
    const connect = this.#pending.get(connection)
    if (connect === undefined || connect.signal.aborted) return undefined
    this.#pending.delete(connection)
    connect.stop()
    return connect
  }

  /** The connection is gone. Returns false if it was not one of these connects. */
  failed(connection: NativeConnection, status: number): boolean {
    const connect = this.#pending.get(connection)
    if (connect === undefined) return false
    this.#pending.delete(connection)
    connect.stop()
    connect.reject(
      connect.signal.aborted
        ? connect.signal.reason
        : IocpError.fromErrno(errnoName(status), 'connect', endpointUrl(connect.endpoint)),
    )
    return true
  }
}
