import type { HandledCalls } from '@frameport/protocol/contract'
import type { EnterContext } from '@frameport/protocol/serving'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ClientTransport } from './client-transport.ts'
import type { ClientDiagnostics, WatchedClient } from './diagnostics-types.ts'

/** What a client takes from where it runs. One is made for each client, in the call that makes the client. */
export interface ClientPlatform {
  readonly environment: SessionEnvironment
  /** What this build can connect over by itself. The first says what is wrong with an address of no known scheme. */
  readonly transports: readonly ClientTransport[]
  /** Knows in whose handler a call is made; absent where nothing can know. Asked for by clients that inherit deadlines. */
  handledCalls?(): HandledCalls
  /** Where a client publishes what it does; absent where nobody can subscribe. */
  diagnostics?(client: WatchedClient): ClientDiagnostics
  /** Keeps the process alive until what it returns is called; absent where no process ends by itself. */
  holdProcess?(): () => void
  /** Calls what the user wrote in the async context in which the client was made. */
  enter(callback: () => void): void
  /** What it returns runs a callback in the async context of now. */
  keepContext(): EnterContext
}
