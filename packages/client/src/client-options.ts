import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { CalledProcedure, Metadata } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ClientLimitOptions } from './limits.ts'

/** Makes the connection that a client speaks over. `tcp()` of `@frameport/client/tcp` makes one. */
export interface Connector {
  /** Where to: `tcp://127.0.0.1:5500`. For people and logs. */
  readonly url: string
  /**
   * Connects once: gives a channel of frames, or a stream of bytes in which each frame has a length prefix. Rejects with
   * an error whose text says what was wrong; an aborted signal has freed everything.
   */
  connect(options: {
    readonly signal: AbortSignal
    readonly timeoutMs: number
  }): Promise<FrameChannel | ByteStream>
  /** Called once, when the client is closed and its connection gone. */
  release?(): void
}

/** A call on its way out, as interceptors see and change it. */
export interface InterceptedCall {
  readonly procedure: CalledProcedure
  readonly input: unknown
  readonly deadlineMs: number | undefined
  readonly metadata: Metadata
  readonly signal: AbortSignal | undefined
}

/**
 * Wraps a call: changes it, looks at its outcome, calls again, or answers itself. `next` settles with the validated
 * output, or for a stream with an `AsyncIterable` of items that starts when it is read.
 *
 * ```ts
 * const withToken: Interceptor = async (call, next) =>
 *   next({ ...call, metadata: { ...call.metadata, token: await freshToken() } })
 * ```
 */
export type Interceptor = (
  call: InterceptedCall,
  next: (call: InterceptedCall) => Promise<unknown>,
) => Promise<unknown>

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
   * Told what a listener threw, or rejected with, and of events that do not fit the contract. Default: thrown in a microtask of its
   * own, where the platform reports it as uncaught. The connection and the other listeners go on in any case.
   */
  readonly onUncaught?: (error: unknown) => void
}
