import type { HandledCalls } from '@frameport/protocol/contract'
import type { EnterContext } from '@frameport/protocol/serving'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ClientTransport } from './client-transport.ts'
import type { ClientDiagnostics, WatchedClient } from './diagnostics-types.ts'

/** The services of the platform. One object is created for each client, in the call that creates the client. */
export interface ClientPlatform {
  readonly environment: SessionEnvironment
  /** The transports of this build. The first one reports an address without a known scheme. */
  readonly transports: readonly ClientTransport[]
  /**
   * Finds the handler in which a call is made; absent if the platform cannot. Used by clients that inherit deadlines.
   */
  handledCalls?(): HandledCalls
  /** Publishes diagnostics of a client; absent if nobody can subscribe. */
  diagnostics?(client: WatchedClient): ClientDiagnostics
  /** Keeps the process alive until the returned function is called; absent if processes do not end by themselves. */
  holdProcess?(): () => void
  /** Calls user code in the async context in which the client was made. */
  enter(callback: () => void): void
  /** Returns a function that runs a callback in the current async context. */
  keepContext(): EnterContext
}
