import type { BackendChoice, CompletionPort, ListenOptions } from '@frameport/iocp-core'

export interface TcpOptions extends ListenOptions {
  /** A completion port to share. Default: one of the acceptor's own, closed with the server. */
  readonly completionPort?: CompletionPort | undefined
  /** The back end of that port. Default `auto`. */
  readonly backend?: BackendChoice | undefined
}
