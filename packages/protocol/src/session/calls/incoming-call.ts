import type { CallKind } from '../../envelope/call-kind.ts'
import { type Body, emptyBody } from '../../envelope/codec.ts'
import {
  type EnvelopeExtras,
  type Extensions,
  type Metadata,
  noMetadata,
} from '../../envelope/envelope-parts.ts'
import type { CallEnvelope, Credit } from '../../envelope/session-envelopes.ts'
import { asMayHaveRun, mayHaveRun } from '../../may-have-run.ts'
import { RpcError } from '../../rpc-error.ts'
import type { AnswerOwner, IncomingCall } from '../common/call-types.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { violation } from '../common/session-fault.ts'
import { startTimer } from '../common/timers.ts'
import { noOwner, tellGiven } from '../flow/answer-owner.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { sendFailure, unsendable } from '../flow/wire-errors.ts'
import { fingerprintOf, wantsStarted } from './call-extensions.ts'
import { kindOf } from './call-kind.ts'
import { HandlerSignal } from './handler-signal.ts'
import { broken, deadlinePassed, givenUp } from './incoming-failures.ts'
import { ItemSender } from './item-sender.ts'
import { type ResultOwner, sendResult } from './send-result.ts'
import { UploadReceiver } from './upload-receiver.ts'

/** The table of incoming calls. */
export interface IncomingCallTable {
  /** Call before a call is refused. False if too many were: the session has ended then. */
  mayRefuse(): boolean
  /** The call cannot continue: its deadline has passed, or an item of its caller cannot be accepted. */
  callFailed(call: IncomingCallState, error: RpcError): void
  /** The answer was handed to the connection: the slot is free. */
  callAnswered(call: IncomingCallState): void
  /** A cancelled call whose handler did not stop in time was answered in its place. */
  callAbandoned(call: IncomingCallState): void
  /** The handler of a call that was answered for it has stopped. */
  handlerStopped(call: IncomingCallState): void
}

/**
 * - `arriving`: its input is incomplete
 * - `open`: its handler runs
 * - `aborted`: the caller no longer waits for the answer, and the handler has not stopped
 * - `answering`: the handler has answered, and not all of the answer was handed to the connection
 * - `abandoned`: aborted, answered in the handler's place, and the handler has still not stopped
 */
type Phase = 'arriving' | 'open' | 'aborted' | 'answering' | 'abandoned' | 'ended'

/** A call of the peer, from its first piece until its handler has stopped and its answer was sent. */
export class IncomingCallState implements IncomingCall, ResultOwner {
  readonly id: number
  readonly procedure: string
  readonly fingerprint: string | undefined
  readonly deadlineAtMs: number | undefined
  readonly metadata: Metadata
  readonly kind: CallKind
  readonly #core: SessionCore
  readonly #table: IncomingCallTable
  #input: Body = emptyBody
  #heldBytes = 0
  #phase: Phase = 'arriving'
  /** Created for a handler that reads it, and for a call whose caller no longer waits. */
  #signal: HandlerSignal | undefined
  /** The timer for the deadline, and after an abort for the time that the handler has to stop. */
  #timer: SessionTimer | undefined
  /** Absent in a call that asks for no items. */
  readonly #items: ItemSender | undefined
  readonly upload: UploadReceiver | undefined

  constructor(core: SessionCore, envelope: CallEnvelope, table: IncomingCallTable) {
    const { callId, credit, deadlineMs } = envelope
    this.#core = core
    this.#table = table
    this.id = callId
    this.procedure = envelope.procedure
    this.fingerprint = fingerprintOf(envelope.extensions)
    this.metadata = envelope.metadata
    this.kind = kindOf(envelope)
    this.#items = credit === undefined ? undefined : new ItemSender(core, callId, credit, 'answer')
    // A closure here would create a context for every call of any kind.
    this.upload = envelope.upload ? new UploadReceiver(core, this) : undefined
    if (wantsStarted(envelope.extensions)) this.#items?.askStarted()
    this.deadlineAtMs = deadlineMs === undefined ? undefined : core.environment.nowMs() + deadlineMs
  }

  get input(): Body {
    return this.#input
  }

  get signal(): AbortSignal {
    this.#signal ??= new HandlerSignal()
    return this.#signal.signal
  }

  get isAborted(): boolean {
    return this.#signal?.reason !== undefined
  }

  startDeadline(): void {
    if (this.deadlineAtMs === undefined) return
    const leftMs = this.deadlineAtMs - this.#core.environment.nowMs()
    this.#timer = startTimer(this.#core.environment, leftMs, () =>
      this.#table.callFailed(this, deadlinePassed()),
    )
  }

  uploadFailed(error: RpcError): void {
    this.#table.callFailed(this, error)
  }

  /** The input is complete: runs the handler. */
  begin(input: Body, heldBytes: number): void {
    this.#input = input
    this.#heldBytes = heldBytes
    this.#core.memory.addInput(heldBytes)
    this.#phase = 'open'
  }

  /** Calls the handler. */
  run(): unknown {
    return this.#core.handlers.call(this)
  }

  /** The extensions of the result. */
  get resultExtensions(): Extensions | undefined {
    return undefined
  }

  /** The memory that counts for the call while its handler runs. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  respond(body: Body, owner: AnswerOwner = noOwner): void {
    if (!this.#answers()) return
    if (this.#items !== undefined) {
      this.#sendFailure(broken('the handler gave a result, but the caller wants items'), noOwner)
      return
    }
    if (this.#core.answers.areOpen) this.#sendResult(body, owner)
    else this.#respondLater(body, owner)
  }

  /** In a separate function, because the closure would create a context for every answer. */
  #respondLater(body: Body, owner: AnswerOwner): void {
    if (this.#core.answers.add(() => this.#sendResult(body, owner))) this.#core.answered()
  }

  fail(error: RpcError, owner: AnswerOwner = noOwner): void {
    if (!this.#answers()) return
    this.#failInTurn(error, owner)
  }

  /** The handler threw. */
  broke(): void {
    this.fail(broken('the handler failed'))
  }

  refuse(error: RpcError): void {
    if (this.#answers() && this.#table.mayRefuse()) this.#failInTurn(error, noOwner)
  }

  end(): void {
    if (!this.#answers()) return
    const { writer } = this.#core
    if (this.#items === undefined) {
      this.#sendFailure(broken('the handler gave no result'), noOwner)
      return
    }
    this.#items.afterItem(() => {
      if (this.#phase !== 'answering') return
      writer.send({ kind: 'end', callId: this.id, metadata: noMetadata }, 'answer')
      this.#finish()
    })
  }

  sendItem(body: Body): void {
    if (this.#phase === 'aborted' || this.#phase === 'abandoned') return
    if (this.#phase !== 'open') throw new RpcError('FAILED_PRECONDITION', 'the call was already answered')
    if (this.#items === undefined)
      throw new RpcError('FAILED_PRECONDITION', 'the caller asked for a result, not for items')
    this.#items.send(body)
    this.#core.answered()
  }

  get canSendItem(): boolean {
    return this.#phase === 'open' && this.#items !== undefined && this.#items.canSend
  }

  ready(): Promise<void> {
    if (this.isAborted) return Promise.reject(this.#signal?.reason)
    if (this.#phase !== 'open' || this.#items === undefined) {
      return Promise.reject(new RpcError('FAILED_PRECONDITION', 'this call takes no items'))
    }
    return this.#items.ready()
  }

  handlerStarted(): void {
    this.#items?.handlerStarted()
  }

  /** The caller accepts more items. */
  credited(credit: Credit & EnvelopeExtras): void {
    if (this.#items === undefined) throw violation(`credit for call ${this.id}, which asked for no items`)
    this.#items.grant(credit)
    if (wantsStarted(credit.extensions)) this.#items.askStarted()
  }

  /** True once the handler was started. */
  get hasBegun(): boolean {
    return this.#phase !== 'arriving'
  }

  /**
   * The caller no longer waits: aborts the handler's signal. The peer is answered when the handler has stopped, at the
   * latest after `handlerStopMs`. An earlier answer is not changed.
   *
   * @returns whether the handler still has to stop
   */
  abort(reason: RpcError): boolean {
    const arriving = this.#phase === 'arriving'
    if (!arriving && this.#phase !== 'open') return false
    this.#stop(reason, 'aborted')
    if (arriving) {
      this.#sendFailure(reason, noOwner)
      return false
    }
    if (this.#phase !== 'aborted') return false // The handler answered when its signal was aborted.
    const { environment, limits } = this.#core
    this.#timer = startTimer(environment, limits.handlerStopMs, () => this.#abandon())
    return true
  }

  /** The session is over: the call cannot be answered, even by a handler that answers when its signal is aborted. */
  cut(reason: RpcError): void {
    const hadHandler = this.#phase === 'open' || this.#phase === 'aborted'
    this.#stop(reason, hadHandler ? 'abandoned' : 'ended')
  }

  #stop(reason: RpcError, phase: 'aborted' | 'abandoned' | 'ended'): void {
    this.#phase = phase
    this.#signal ??= new HandlerSignal()
    this.#signal.giveUp(reason)
    this.#timer?.cancel()
    this.#core.bodies.drop(this.id)
    this.upload?.close()
    this.#items?.stop(reason)
    this.#core.guard(() => this.#signal?.tell())
  }

  #abandon(): void {
    sendFailure(this.#core.writer, this.id, givenUp(this.#signal!.reason!))
    this.#phase = 'abandoned'
    this.#table.callAbandoned(this)
    this.#core.answered()
  }

  /** The handler has stopped. True if its result is to be sent; an aborted call is answered with its reason. */
  #answers(): boolean {
    switch (this.#phase) {
      case 'arriving':
      case 'open':
        this.#phase = 'answering'
        // The answer may have to wait, or be sent in pieces: items that arrive meanwhile are not read.
        this.upload?.close()
        this.#items?.answered()
        this.#timer?.cancel()
        return true
      case 'aborted':
        this.#phase = 'answering'
        this.#timer?.cancel()
        this.#sendFailure(givenUp(this.#signal!.reason!), noOwner)
        return false
      case 'abandoned':
        this.#phase = 'ended'
        this.#table.handlerStopped(this)
        return false
      default:
        return false
    }
  }

  #sendResult(body: Body, owner: AnswerOwner): void {
    if (this.#phase !== 'answering') return
    try {
      if (sendResult(this.#core, this, body)) this.#finish()
      else this.#core.answered()
    } catch (error) {
      this.#sendFailure(
        owner.unsendable(asMayHaveRun(unsendable(error, 'INTERNAL'), mayHaveRun.handlerBroke)),
        owner,
      )
      return
    }
    if (owner.given !== undefined) this.#core.guard(tellGiven, undefined, owner)
  }

  resultSent(): void {
    this.#finish()
  }

  #failInTurn(error: RpcError, owner: AnswerOwner): void {
    if (this.#core.answers.areOpen) this.#sendFailure(error, owner)
    else this.#failLater(error, owner)
  }

  /** The same as {@link #respondLater}. */
  #failLater(error: RpcError, owner: AnswerOwner): void {
    if (this.#core.answers.add(() => this.#sendFailure(error, owner))) this.#core.answered()
  }

  /** The failure overtakes an item that is being sent, and drops the rest of the item. */
  #sendFailure(error: RpcError, owner: AnswerOwner): void {
    if (this.#phase === 'ended') return
    this.#core.bodies.drop(this.id)
    sendFailure(this.#core.writer, this.id, error, owner)
    this.#finish()
  }

  #finish(): void {
    this.#phase = 'ended'
    this.#items?.stop(new RpcError('FAILED_PRECONDITION', 'the call was answered while an item waited'))
    this.#table.callAnswered(this)
    this.#core.answered()
  }
}
