import type { Body } from '../../envelope/codec.ts'
import type { Metadata } from '../../envelope/envelope-parts.ts'
import type { OnewayEnvelope } from '../../envelope/session-envelopes.ts'
import { RpcError } from '../../rpc-error.ts'
import type { AnswerOwner, IncomingCall } from '../common/call-types.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { startTimer } from '../common/timers.ts'
import { tellGiven } from '../flow/answer-owner.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { fingerprintOf } from './call-extensions.ts'
import { HandlerSignal } from './handler-signal.ts'
import { deadlinePassed } from './incoming-failures.ts'

/** The table of the calls without an answer. */
export interface OnewayTable {
  /** The handler of a call has stopped, or was refused. */
  handlerStopped(call: IncomingOneway, wasRefused: boolean): void
}

/** A call of the peer without an answer, from its arrival until its handler has stopped. */
export class IncomingOneway implements IncomingCall {
  readonly id = 0
  readonly kind = 'one-way'
  readonly upload = undefined
  readonly canSendItem = false
  readonly procedure: string
  readonly fingerprint: string | undefined
  readonly deadlineAtMs: number | undefined
  readonly metadata: Metadata
  readonly input: Body
  /** The memory that counts for the call while its handler runs. */
  readonly heldBytes: number
  readonly #core: SessionCore
  readonly #table: OnewayTable
  #signal: HandlerSignal | undefined
  #deadline: SessionTimer | undefined

  constructor(
    core: SessionCore,
    { procedure, extensions, metadata, deadlineMs }: OnewayEnvelope,
    { input, heldBytes }: { readonly input: Body; readonly heldBytes: number },
    table: OnewayTable,
  ) {
    this.#core = core
    this.#table = table
    this.procedure = procedure
    this.fingerprint = fingerprintOf(extensions)
    this.metadata = metadata
    this.input = input
    this.heldBytes = heldBytes
    this.deadlineAtMs = deadlineMs === undefined ? undefined : core.environment.nowMs() + deadlineMs
    if (deadlineMs !== undefined) {
      this.#deadline = startTimer(core.environment, deadlineMs, () => this.abort(deadlinePassed()))
    }
  }

  /** Calls the handler. */
  run(): unknown {
    return this.#core.handlers.call(this)
  }

  get signal(): AbortSignal {
    this.#signal ??= new HandlerSignal()
    return this.#signal.signal
  }

  get isAborted(): boolean {
    return this.#signal?.reason !== undefined
  }

  respond(_body: Body, owner?: AnswerOwner): void {
    this.#end()
    if (owner?.given !== undefined) this.#core.guard(tellGiven, undefined, owner)
  }

  fail(): void {
    this.#end()
  }

  refuse(): void {
    this.#end(true)
  }

  end(): void {
    this.#end()
  }

  handlerStarted(): void {}

  sendItem(): void {
    throw noItems()
  }

  ready(): Promise<void> {
    return Promise.reject(this.#signal?.reason ?? noItems())
  }

  /** Asks its handler to stop. */
  abort(reason: RpcError): void {
    if (this.isAborted) return
    this.#signal ??= new HandlerSignal()
    this.#signal.giveUp(reason)
    this.#core.guard(() => this.#signal?.tell())
  }

  #end(wasRefused = false): void {
    this.#deadline?.cancel()
    this.#table.handlerStopped(this, wasRefused)
  }
}

function noItems(): RpcError {
  return new RpcError('FAILED_PRECONDITION', 'this call takes no items')
}
