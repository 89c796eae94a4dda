import type { SessionHost, SessionLimits } from '@frameport/protocol/session'
import type { CallSourceServices } from './call/call-source.ts'
import type { ClientCallServices } from './call/client-calls.ts'
import type { CallServices } from './call/serve-call.ts'
import type { SubscriptionServices } from './call/serve-subscription.ts'
import type { AgingConnection } from './connection-ages.ts'
import type { ConnectionHooks } from './connection-hooks.ts'
import type { Hello, ServerConnection } from './connection-types.ts'
import type { RenewContext } from './credentials.ts'
import type { CatchUpServices } from './event-log/catch-up.ts'
import type { ServerLedger } from './events/server-ledger.ts'
import type { Subscriptions } from './events/subscriptions.ts'
import type { ContractNotices } from './handlers/contract-notices.ts'
import type { ServerLimits } from './limits.ts'
import type { Logger } from './logger.ts'
import type { ChallengeFunction } from './option-types.ts'
import type { Principals } from './resume/principals.ts'
import type { Shares } from './shares/shares.ts'

/** The services that all connections of a server share. */
export interface ConnectionServices
  extends CallServices,
    CallSourceServices,
    ClientCallServices,
    CatchUpServices,
    SubscriptionServices {
  readonly subscriptions: Subscriptions
  readonly contractNotices: ContractNotices
  readonly eventLedger: ServerLedger
  readonly shares: Shares
  readonly log: Logger
  readonly limits: ServerLimits
  /** The limits of a session that can continue over another connection. */
  readonly sessionLimits: Readonly<Partial<SessionLimits>>
  /** The limits of a session that ends with its connection. */
  readonly endingSessionLimits: Readonly<Partial<SessionLimits>>
  /** Shares turns of the event loop and memory among the sessions. */
  readonly host: SessionHost
  makeContext(hello: Hello, connection: ServerConnection, challenge: ChallengeFunction): Promise<unknown>
  readonly renewContext: RenewContext | undefined
  readonly hooks: ConnectionHooks
  /** The option `resume`. */
  readonly resume: boolean | undefined
  readonly principals: Principals
  /** The client was admitted, or has come back. */
  connected(connection: AgingConnection): void
  /** The connection is lost, and the session waits for its client. */
  lost(connection: AgingConnection): void
  /** The connection has ended for good. */
  left(connection: ServerConnection & AgingConnection): void
}
