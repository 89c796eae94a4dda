import type { BackendName, Endpoint } from '@frameport/iocp-core'
import type { AcceptorListener } from './acceptor.ts'

/** A listener of the server's own transport. */
export interface ServerListener extends AcceptorListener {
  readonly backend: BackendName
  readonly endpoint: Endpoint
  /** With the real port: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** One for each address of a name, all with the same port. The first is `url`. */
  readonly urls: readonly string[]
  /** Stops accepting here; connections live on. Idempotent. */
  close(): Promise<void>
  /** As `close()`: `await using listener = await server.listen(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}
