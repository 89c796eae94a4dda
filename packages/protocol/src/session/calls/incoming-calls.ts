import { RareSet } from '@frameport/framing/checks'
import { textOfThrown } from '../../checks/thrown.ts'
import { type Body, emptyBody } from '../../envelope/codec.ts'
import { noBody, noMetadata } from '../../envelope/envelope-parts.ts'
import { withArticle } from '../../envelope/kinds.ts'
import { peerText } from '../../envelope/peer-text.ts'
import type {
  CallEnvelope,
  CancelEnvelope,
  CreditEnvelope,
  EndEnvelope,
  ItemEnvelope,
  OnewayEnvelope,
  SubscribeEnvelope,
  UnsubscribeEnvelope,
} from '../../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../../may-have-run.ts'
import type { RpcError } from '../../rpc-error.ts'
import { violation } from '../common/session-fault.ts'
import { callSize } from '../flow/decoded-size.ts'
import { decodeArrived } from '../flow/own-bytes.ts'
import { isCallOf, type SessionCore } from '../flow/session-core.ts'
import { sendFailure } from '../flow/wire-errors.ts'
import { CallAdmission } from './call-admission.ts'
import { CallsById } from './calls-by-id.ts'
import { IncomingCallState, type IncomingCallTable } from './incoming-call.ts'
import { IncomingOneways } from './incoming-oneways.ts'
import { SubscriptionCall, subscriptionRequest } from './incoming-subscription.ts'
import type { UploadReceiver } from './upload-receiver.ts'

/** The calls of the peer. */
export class IncomingCalls implements IncomingCallTable {
  readonly #core: SessionCore
  /** The calls that hold a slot: those not yet answered, including cancelled ones. */
  readonly #open = new CallsById<IncomingCallState>()
  /** The calls in `#open` whose callers no longer wait, and whose handlers have not stopped. */
  readonly #givenUp = new RareSet<IncomingCallState>()
  /** Calls that were answered in place of handlers that have not stopped. */
  readonly #abandoned = new RareSet<IncomingCallState>()
  readonly #admission: CallAdmission
  readonly oneways: IncomingOneways
  #lastId = 0
  #goawaySent = false

  constructor(core: SessionCore) {
    this.#core = core
    this.#admission = new CallAdmission(core)
    this.oneways = new IncomingOneways(core, this.#admission)
  }

  get size(): number {
    return this.#open.size
  }

  /** {@link size}, and the calls without an answer. */
  get running(): number {
    return this.#open.size + this.oneways.size
  }

  /** Calls whose callers wait: a closing session waits only for these. */
  get awaited(): number {
    return this.running - this.#givenUp.size
  }

  /** Calls whose handlers are running although their callers do not wait for them. */
  get abandoned(): number {
    return this.#abandoned.size
  }

  /** The highest id the peer has used. */
  get lastId(): number {
    return this.#lastId
  }

  goawaySent(): void {
    this.#goawaySent = true
    this.oneways.goawaySent()
  }

  /** @returns whether the further pieces of a call are wanted */
  call(envelope: CallEnvelope): boolean {
    this.#takeId(envelope)
    if (this.#goawaySent) return false
    const bytes = callSize(envelope)
    const refusal = this.#admission.refusalOf(envelope, this) ?? this.#core.memory.refusalOf(bytes)
    if (refusal !== undefined) {
      this.#refuse(envelope.callId, refusal)
      return false
    }
    const call = new IncomingCallState(this.#core, envelope, this)
    this.#open.add(call)
    call.startDeadline()
    if (envelope.goesOn !== true) this.#begin(call, envelope, bytes)
    return true
  }

  /** The input of a call that came in pieces. */
  callWhole(envelope: CallEnvelope): void {
    const call = this.#open.get(envelope.callId)
    if (call === undefined) return
    const bytes = callSize(envelope)
    const refusal = this.#core.memory.refusalOf(bytes)
    if (refusal === undefined) this.#begin(call, envelope, bytes)
    else call.refuse(refusal)
  }

  /** The input of this call exceeds the limit of this side. */
  inputTooLong(callId: number, problem: string, retryAfterMs: number | undefined): void {
    this.#open.get(callId)?.refuse(errorWithoutStack('RESOURCE_EXHAUSTED', problem, { retryAfterMs }))
  }

  /** An item of this call exceeds the limit of this side. */
  itemTooLong(callId: number, problem: string, retryAfterMs: number | undefined): void {
    this.#open.get(callId)?.upload?.tooLong(problem, retryAfterMs)
  }

  /** Like a call, it takes a slot, can be cancelled, and is answered. */
  subscription(envelope: SubscribeEnvelope | UnsubscribeEnvelope): void {
    this.#takeId(envelope)
    if (this.#goawaySent) return
    const { callId, topic } = envelope
    const asCall = callEnvelopeOf(envelope)
    const bytes = callSize(asCall) + topic.length
    const refusal =
      this.#core.handlers.subscription === undefined
        ? noSubscriptions()
        : (this.#admission.refusalOf(asCall, this) ?? this.#core.memory.refusalOf(bytes))
    if (refusal !== undefined) {
      this.#refuse(callId, refusal)
      return
    }
    const call = new SubscriptionCall(this.#core, asCall, this)
    this.#open.add(call)
    call.begin(emptyBody, bytes)
    this.#core.turn.countCall()
    this.#core.guard(
      () => this.#core.handlers.subscription?.(subscriptionRequest(envelope, call)),
      () => call.fail(errorWithoutStack('INTERNAL', 'the subscription failed')),
    )
  }

  credit(envelope: CreditEnvelope): void {
    this.#open.get(envelope.callId)?.credited(envelope)
  }

  cancel(envelope: CancelEnvelope): void {
    const call = this.#open.get(envelope.callId)
    if (call !== undefined)
      this.#giveUp(call, errorWithoutStack(peerText(envelope.code), peerText(envelope.text)))
  }

  /** The first piece of an item of the caller, or all of it. @returns whether it is wanted */
  itemBegins(envelope: ItemEnvelope): boolean {
    return this.#uploadOf(envelope)?.begins(envelope) === true
  }

  /** Handles a complete item of the caller. */
  item(envelope: ItemEnvelope): void {
    this.#open.get(envelope.callId)?.upload?.item(envelope)
  }

  /** The caller has no more items. */
  end(envelope: EndEnvelope): void {
    this.#uploadOf(envelope)?.end(envelope)
  }

  oneway(envelope: OnewayEnvelope): void {
    this.oneways.receive(envelope)
  }

  #uploadOf({ kind, callId }: ItemEnvelope | EndEnvelope): UploadReceiver | undefined {
    const call = this.#open.get(callId)
    if (call !== undefined && call.upload === undefined)
      throw violation(`${withArticle(kind)} for call ${callId}, which takes none`)
    return call?.upload
  }

  isFromPeer(callId: number): boolean {
    return isCallOf(this.#peerRole, callId)
  }

  /** Whether the peer has made a call with this id. */
  wasMade(callId: number): boolean {
    return this.isFromPeer(callId) && callId <= this.#lastId
  }

  /** Whether a piece for this call must belong to a body that has begun. */
  expectsBeginning(callId: number): boolean {
    const call = this.#open.get(callId)
    return call !== undefined && call.upload?.passesOver !== true
  }

  /** Aborts every handler, one with each step. The peer gets failures if it can still receive them. */
  *abortAll(reason: () => RpcError, tellPeer: boolean): Generator<void> {
    for (const call of this.#open.values()) {
      const error = reason()
      const may = call.hasBegun ? mayHaveRun.begunAndGivenUp : mayHaveRun.notBegun
      if (tellPeer) sendFailure(this.#core.writer, call.id, asMayHaveRun(error, may, errorWithoutStack))
      this.#open.delete(call.id)
      this.#givenUp.delete(call)
      call.cut(error)
      yield
    }
  }

  mayRefuse(): boolean {
    return this.#admission.mayRefuse()
  }

  callFailed(call: IncomingCallState, error: RpcError): void {
    call.upload?.stop()
    this.#giveUp(call, error)
  }

  callAnswered(call: IncomingCallState): void {
    this.#givenUp.delete(call)
    if (!this.#open.delete(call.id)) return
    if (!this.#abandoned.has(call)) this.#core.memory.addInput(-call.heldBytes)
    this.#core.partial.drop(call.id)
    this.#core.callEnded()
  }

  callAbandoned(call: IncomingCallState): void {
    this.#abandoned.add(call)
    this.callAnswered(call)
  }

  handlerStopped(call: IncomingCallState): void {
    if (this.#abandoned.delete(call)) this.#core.memory.addInput(-call.heldBytes)
  }

  get #peerRole(): 'client' | 'server' {
    return this.#core.role === 'client' ? 'server' : 'client'
  }

  #takeId({ kind, callId }: CallEnvelope | SubscribeEnvelope | UnsubscribeEnvelope): void {
    if (!this.isFromPeer(callId))
      throw violation(`${withArticle(kind)} with id ${callId}, which is one of this side`)
    if (callId <= this.#lastId)
      throw violation(`${withArticle(kind)} with id ${callId} after id ${this.#lastId}`)
    this.#lastId = callId
  }

  #giveUp(call: IncomingCallState, reason: RpcError): void {
    if (!call.abort(reason)) return
    this.#givenUp.add(call)
    this.#core.callEnded()
  }

  #begin(call: IncomingCallState, { body }: CallEnvelope, heldBytes: number): void {
    let input: Body
    try {
      input = decodeArrived(body)
    } catch (cause) {
      call.refuse(errorWithoutStack('INVALID_ARGUMENT', `the input: ${textOfThrown(cause)}`, { cause }))
      return
    }
    call.begin(input, heldBytes)
    this.#core.turn.countCall()
    this.#core.guard(runHandler, handlerBroke, call)
    call.upload?.stopUnlessReceived()
  }

  #refuse(callId: number, error: RpcError): void {
    if (!this.#admission.mayRefuse()) return
    sendFailure(this.#core.writer, callId, error)
    this.#core.answered()
  }
}

function noSubscriptions(): RpcError {
  return errorWithoutStack('UNIMPLEMENTED', 'this peer does not accept subscriptions')
}

/** Returns the subscription in the form of a call, whose rules it follows. */
function callEnvelopeOf(envelope: SubscribeEnvelope | UnsubscribeEnvelope): CallEnvelope {
  const metadata = envelope.kind === 'subscribe' ? envelope.metadata : noMetadata
  return {
    kind: 'call',
    callId: envelope.callId,
    procedure: envelope.event,
    upload: false,
    metadata,
    body: noBody,
  }
}

function runHandler(call: IncomingCallState): unknown {
  return call.run()
}

function handlerBroke(call: IncomingCallState): void {
  call.broke()
}
