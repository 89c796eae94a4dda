import type { BackendChoice, CompletionPort, SocketOptions } from '@frameport/iocp-core'

export interface TcpOptions extends SocketOptions {
  /** A completion port to share. Default: one for all clients of the process with the same back end. */
  readonly completionPort?: CompletionPort | undefined
  /** The back end of that port. Default `auto`. */
  readonly backend?: BackendChoice | undefined
}
