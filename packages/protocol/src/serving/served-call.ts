import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import type { RpcError } from '../rpc-error.ts'
import type { AnswerOwner, IncomingCall } from '../session/common/call-types.ts'
import type { SessionEnvironment } from '../session/common/session-environment.ts'
import { failureToSend, isDefect, reasonOf } from './call-failure.ts'
import type { CallObserver } from './call-observer.ts'
import type { CallSide } from './call-side.ts'
import type { IncomingCallFacts } from './handler-types.ts'
import { ObserverGroup } from './observer-group.ts'
import type { Route } from './route.ts'
import type { EnterContext, FactsSource, HandlerHost } from './run-handler.ts'
import type { UploadItems } from './upload-items.ts'
import type { WatchedCall } from './watched-call.ts'

/** One call of the peer, from its arrival until it has its answer. */
export class ServedCall implements HandlerHost, FactsSource, AnswerOwner, WatchedCall {
  readonly call: IncomingCall
  readonly side: CallSide
  readonly route: Route
  readonly upload: UploadItems | undefined
  readonly #environment: SessionEnvironment
  #observers: ObserverGroup | undefined
  /** The number of pending `next()` calls of middlewares. */
  #behindNext = 0
  #allEnded: (() => void) | undefined

  constructor(
    call: IncomingCall,
    side: CallSide,
    route: Route,
    upload: UploadItems | undefined,
    environment: SessionEnvironment,
  ) {
    this.call = call
    this.side = side
    this.route = route
    this.upload = upload
    this.#environment = environment
  }

  get entry(): ProcedureEntry {
    return this.route.entry
  }

  /** The facts for the log. */
  get facts(): Record<string, unknown> {
    return this.side.factsOf(this.call)
  }

  handlerFacts(): IncomingCallFacts {
    const { deadlineAtMs } = this.call
    const remainingMs = deadlineAtMs === undefined ? withoutEnd : leftUntil(deadlineAtMs, this.#environment)
    return this.side.handlerFacts(this.call, remainingMs)
  }

  throwIfAborted(): void {
    if (this.call.isAborted) this.call.signal.throwIfAborted()
  }

  keepContext(): EnterContext {
    return this.side.keepContext()
  }

  observe(observer: CallObserver): void {
    this.#observers ??= new ObserverGroup(this.call.signal, (err) =>
      this.side.log.error({ ...this.facts, err }, 'an observer of a middleware failed'),
    )
    this.#observers.add(observer, this.side.keepContext())
  }

  nextBegan(): void {
    this.#behindNext += 1
  }

  nextEnded(): void {
    this.#behindNext -= 1
    if (this.#behindNext === 0) this.#allEnded?.()
  }

  /**
   * Settles, and never rejects, when the work after `next()` that middlewares did not await has ended; undefined if
   * there is none.
   */
  get stopped(): Promise<void> | undefined {
    if (this.#behindNext === 0) return undefined
    return new Promise((resolve) => {
      this.#allEnded = resolve
    })
  }

  /** Called after each item that was sent; undefined without observers. */
  get onItem(): ((item: unknown) => void) | undefined {
    const observers = this.#observers
    return observers && ((item) => observers.itemSent(item))
  }

  /** The answer was given to the connection. */
  given(): void {
    this.#observers?.end('completed')
  }

  /** Logs that an answer cannot be sent. @returns the failure that is sent instead */
  unsendable(error: RpcError): RpcError {
    const { log } = this.side
    const reason = reasonOf(error)
    const failure = failureToSend(reason, this.route.entry.procedure, this.side.whereReason(this.call))
    const facts = { ...this.facts, code: failure.code, err: reason }
    if (isDefect(failure)) log.error(facts, 'an answer cannot be sent')
    else log.debug(facts, 'an answer cannot be sent')
    this.failed(failure)
    return failure
  }

  /** The caller gets `failure`. */
  failed(failure: RpcError): void {
    if (!this.call.isAborted) this.side.callFailed()
    this.#observers?.end('failed', failure)
  }
}

const withoutEnd = () => undefined

function leftUntil(deadlineAtMs: number, environment: SessionEnvironment): () => number {
  return () => Math.max(0, deadlineAtMs - environment.nowMs())
}
