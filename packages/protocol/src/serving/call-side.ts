import type { IncomingCall } from '../session/common/call-types.ts'
import type { SessionEnvironment } from '../session/common/session-environment.ts'
import type { IncomingCallFacts } from './handler-types.ts'
import type { EnterContext } from './run-handler.ts'
import type { UploadWindows } from './upload-windows.ts'
import type { WatchedCall } from './watched-call.ts'

/** Writes one log line about calls: facts first, then a text for people. */
type Line = (facts: Readonly<Record<string, unknown>>, text: string) => void

/** Receives the log lines about the calls of a side. */
export interface CallLog {
  /** Writes a line of the level debug. */
  readonly debug: Line
  /** Writes a line of the level warn. */
  readonly warn: Line
  /** Writes a line of the level error. */
  readonly error: Line
}

/** The services for serving calls, which all connections of a side share. */
export interface ServingOptions {
  /** The clock and the timers. */
  readonly environment: SessionEnvironment
  /** Whether the outputs of handlers are validated before they are sent. */
  readonly validateOutputs: boolean
  /** The windows of uploads. */
  readonly uploads: UploadWindows
}

/** The side of one connection that serves calls: a server, or a client that its server calls. */
export interface CallSide {
  /** Receives the log lines. */
  readonly log: CallLog
  /** Whether its calls are published. Read once for each call, before its handler runs. */
  readonly isWatched: boolean
  /** Publishes a call and runs `begin`, which starts it. Must not throw by itself. */
  watch<Result>(call: WatchedCall, begin: () => Result): Result
  /** Returns what the log says about a call. */
  factsOf(call: IncomingCall): Record<string, unknown>
  /**
   * Returns a sentence that says where the reason of a failure is that the caller does not get:
   * `The server's log has the reason under c1/5.`
   */
  whereReason(call: IncomingCall): string
  /**
   * Returns the arguments that the side provides to a handler or a middleware. Each gets an object of its own, to
   * which further members are added.
   */
  handlerFacts(call: IncomingCall, remainingMs: () => number | undefined): IncomingCallFacts
  /** Called in the async context of a handler. The returned function runs a callback in that context again. */
  keepContext(): EnterContext
  /**
   * Called when a call has its answer.
   *
   * @param stopped settles, and never rejects, when the handler or the producer has stopped, if it still runs: the
   *   caller has left the stream, or a middleware has answered without waiting for `next()`
   */
  callEnded(stopped: Promise<void> | undefined): void
  /** Called when the caller gets a failure, for figures. */
  callFailed(): void
}
