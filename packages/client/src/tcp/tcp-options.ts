import type { BackendChoice, CompletionPort, SocketOptions } from '@frameport/iocp-core'

/** Options of a connection over TCP or a unix socket. */
export interface TcpOptions extends SocketOptions {
  /** A completion port to use. Default: one port that all clients of the process with the same `backend` share. */
  readonly completionPort?: CompletionPort | undefined
  /** The back end of the shared port. Default `auto`. It has no effect together with `completionPort`. */
  readonly backend?: BackendChoice | undefined
}
