import type { BackendChoice, CompletionPort, ListenOptions } from '@frameport/iocp-core'

/** The options of {@link tcp}: those of `port.listen` of `@frameport/iocp-core`, and the completion port. */
export interface TcpOptions extends ListenOptions {
  /**
   * A completion port to use, which is not closed with the server. Default: the acceptor opens one and closes it with
   * the server.
   */
  readonly completionPort?: CompletionPort | undefined
  /** The I/O back end of the acceptor's own completion port. Default: `auto`. Ignored if `completionPort` is given. */
  readonly backend?: BackendChoice | undefined
}
