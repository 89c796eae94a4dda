import type { BackendName, Endpoint } from '@frameport/iocp-core'
import type { AcceptorListener } from './acceptor.ts'

/** A listener for an address, from `server.listen('tcp://…')`. */
export interface ServerListener extends AcceptorListener {
  /** The name of the I/O back end: `io_uring`. */
  readonly backend: BackendName
  /** The bound address as an object, with the actual port. */
  readonly endpoint: Endpoint
  /** The address with the actual port: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** All addresses: one for each address of a host name, all with the same port. The first is `url`. */
  readonly urls: readonly string[]
  /** Stops accepting; accepted connections stay open. Idempotent. */
  close(): Promise<void>
  /** The same as `close()`, for `await using listener = await server.listen(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}
