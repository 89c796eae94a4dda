import type { SessionEnvironment } from '@frameport/protocol/session'

/** What a client takes from where it runs. One is made for each client, in the call that makes the client. */
export interface ClientPlatform {
  readonly environment: SessionEnvironment
  /** Names of options that the transports of this build take beside those of every client. */
  readonly transportOptions: readonly string[]
  /** Calls what the user wrote in the async context in which the client was made. */
  enter(callback: () => void): void
}
