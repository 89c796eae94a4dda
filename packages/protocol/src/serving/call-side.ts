import type { IncomingCall } from '../session/common/call-types.ts'
import type { SessionEnvironment } from '../session/common/session-environment.ts'
import type { IncomingCallFacts } from './handler-types.ts'
import type { EnterContext } from './run-handler.ts'
import type { UploadWindows } from './upload-windows.ts'
import type { WatchedCall } from './watched-call.ts'

/** One line of what a side writes of its calls: facts first, then a text for people. */
type Line = (facts: Readonly<Record<string, unknown>>, text: string) => void

/** Where a side writes of its calls. */
export interface CallLog {
  readonly debug: Line
  readonly warn: Line
  readonly error: Line
}

/** What serving calls needs of a side, the same for all its connections. */
export interface ServingOptions {
  readonly environment: SessionEnvironment
  /** Check what handlers give before it is sent. */
  readonly validateOutputs: boolean
  readonly uploads: UploadWindows
}

/** The end of one connection, as its calls are served: that of a server, or that of a client whose server calls it. */
export interface CallSide {
  readonly log: CallLog
  /** Whether somebody watches its calls. Each call asks once, before its handler runs. */
  readonly isWatched: boolean
  /** Publishes a call that is watched, and runs `begin`, which begins it. Must not throw by itself. */
  watch<Result>(call: WatchedCall, begin: () => Result): Result
  /** What the log says of a call. */
  factsOf(call: IncomingCall): Record<string, unknown>
  /** Where the reason of a failure is that the caller is not told: `The server's log has the reason under c1/5.` */
  whereReason(call: IncomingCall): string
  /** What one that is called is given, the handler or a middleware: an object that is made for it, and that it completes. */
  handlerFacts(call: IncomingCall, remainingMs: () => number | undefined): IncomingCallFacts
  /** Called in the async context of a handler: what it returns runs a callback in that context again. */
  keepContext(): EnterContext
  /**
   * A call has its answer.
   *
   * @param stopped settles, never rejects, once its handler or its producer has stopped, where that runs on: a stream was left, or a
   *   middleware has answered without waiting for what it began by `next()`
   */
  callEnded(stopped: Promise<void> | undefined): void
  /** The caller is told a failure. For figures. */
  callFailed(): void
}
