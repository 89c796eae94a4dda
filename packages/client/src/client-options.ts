import type { Metadata, RpcError } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Interceptor } from './interceptor.ts'
import type { ClientLimitOptions } from './limits.ts'

export interface ClientOptions {
  /** Sent once, in the hello: credentials, for instance. A value that JSON can carry, or bytes. */
  readonly auth?: unknown
  /** Sent once, in the hello. */
  readonly metadata?: Metadata
  /** Of each call that gives none itself. Default: no deadline. */
  readonly defaultDeadlineMs?: number
  /** Outermost first. */
  readonly interceptors?: readonly Interceptor[]
  /** Of the client and its session; the defaults are in `clientLimits` and `defaultSessionLimits`. */
  readonly limits?: ClientLimitOptions
  /** Clock, timers and randomness. Default: the real ones. */
  readonly environment?: SessionEnvironment
  /**
   * Told what a listener threw, or rejected with. Default: thrown in a microtask of its own, where the platform reports it
   * as uncaught. The connection and the other listeners go on in any case.
   */
  readonly onUncaught?: (error: unknown) => void
  /**
   * Told of an event that was left out, because it does not fit the contract or a limit of this side. Default: the first
   * one is written to the console as a warning. It never ends the connection or the process.
   */
  readonly onInvalidEvent?: (error: RpcError) => void
}
