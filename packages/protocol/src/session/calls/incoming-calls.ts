import { textOfThrown } from '../../checks/thrown.ts'
import { type Body, decodeBody, emptyBody } from '../../envelope/codec.ts'
import { metadataOverLimit, noBody, noMetadata } from '../../envelope/envelope-parts.ts'
import { peerText } from '../../envelope/peer-text.ts'
import type {
  CallEnvelope,
  CancelEnvelope,
  CreditEnvelope,
  EndEnvelope,
  ItemEnvelope,
  SubscribeEnvelope,
  UnsubscribeEnvelope,
} from '../../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../../may-have-run.ts'
import type { RpcError } from '../../rpc-error.ts'
import { Allowance } from '../common/allowance.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import { callSize } from '../flow/decoded-size.ts'
import { isCallOf, type SessionCore } from '../flow/session-core.ts'
import { sendFailure } from '../flow/wire-errors.ts'
import { IncomingCallState, type IncomingCallTable } from './incoming-call.ts'

/** The calls of the peer. */
export class IncomingCalls implements IncomingCallTable {
  readonly #core: SessionCore
  /** Those that hold a slot: they have not been answered, cancelled ones included. */
  readonly #open = new Map<number, IncomingCallState>()
  /** Of `#open`: those that nobody waits for any more. Their handlers have not stopped. */
  readonly #givenUp = new Set<IncomingCallState>()
  /** Answered in the place of handlers that have not stopped. */
  readonly #abandoned = new Set<IncomingCallState>()
  readonly #refusals: Allowance
  #lastId = 0
  #refusalsUnread = 0
  #goawaySent = false

  constructor(core: SessionCore) {
    const { refusalsPerSecondMax } = core.limits
    this.#core = core
    this.#refusals = new Allowance(core.environment, {
      burst: refusalsPerSecondMax,
      perSecond: refusalsPerSecondMax,
    })
  }

  get size(): number {
    return this.#open.size
  }

  /** Those that somebody waits for: a session that closes waits for no others. */
  get awaited(): number {
    return this.#open.size - this.#givenUp.size
  }

  /** Those whose handlers run although nobody waits for them. */
  get abandoned(): number {
    return this.#abandoned.size
  }

  /** The highest id the peer has used. */
  get lastId(): number {
    return this.#lastId
  }

  goawaySent(): void {
    this.#goawaySent = true
  }

  /** @returns whether the pieces of a call that goes on are wanted */
  call(envelope: CallEnvelope): boolean {
    this.#takeId(envelope)
    if (this.#goawaySent) return false
    const bytes = callSize(envelope)
    const refusal = this.#refusalOf(envelope) ?? this.#core.memory.refusalOf(bytes)
    if (refusal !== undefined) {
      this.#refuse(envelope.callId, refusal)
      return false
    }
    const call = new IncomingCallState(this.#core, envelope, this)
    this.#open.set(call.id, call)
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

  /** A body of this call is longer than this side takes. */
  tooLong(callId: number, problem: string, retryAfterMs: number | undefined): void {
    this.#open.get(callId)?.refuse(errorWithoutStack('RESOURCE_EXHAUSTED', problem, { retryAfterMs }))
  }

  /** It takes a slot, and is cancelled and answered, as a call. */
  subscription(envelope: SubscribeEnvelope | UnsubscribeEnvelope): void {
    this.#takeId(envelope)
    if (this.#goawaySent) return
    const { kind, callId, event, topic } = envelope
    const asCall = callEnvelopeOf(envelope)
    const bytes = callSize(asCall) + topic.length
    const refusal =
      this.#core.handlers.subscription === undefined
        ? noSubscriptions()
        : (this.#refusalOf(asCall) ?? this.#core.memory.refusalOf(bytes))
    if (refusal !== undefined) {
      this.#refuse(callId, refusal)
      return
    }
    const call = new IncomingCallState(this.#core, asCall, this)
    this.#open.set(callId, call)
    call.begin(emptyBody, bytes)
    this.#core.turn.countCall()
    this.#core.guard(
      () => this.#core.handlers.subscription?.({ kind, event, topic, call }),
      () => call.fail(errorWithoutStack('INTERNAL', 'the subscription failed')),
    )
  }

  credit(envelope: CreditEnvelope): void {
    this.#open.get(envelope.callId)?.grant(envelope)
  }

  cancel(envelope: CancelEnvelope): void {
    const call = this.#open.get(envelope.callId)
    if (call !== undefined)
      this.#giveUp(call, errorWithoutStack(peerText(envelope.code), peerText(envelope.text)))
  }

  /** An item or an end for a call of the peer's own: an upload, which no call here takes. */
  upload({ kind, callId }: ItemEnvelope | EndEnvelope): void {
    if (this.#open.has(callId)) throw violation(`an ${kind} for call ${callId}, which takes none`)
  }

  isFromPeer(callId: number): boolean {
    return isCallOf(this.#peerRole, callId)
  }

  /** Whether the peer has made a call of this id. */
  wasMade(callId: number): boolean {
    return this.isFromPeer(callId) && callId <= this.#lastId
  }

  isOpen(callId: number): boolean {
    return this.#open.has(callId)
  }

  /** Aborts every handler, one with each step; the peer is told where it can still hear it. */
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
    const { refusals, limits } = this.#core
    if (!this.#refusals.take()) {
      const problem = `over ${limits.refusalsPerSecondMax} calls were refused within a second`
      this.#core.failed(new SessionFault('LIMIT_EXCEEDED', problem))
      return false
    }
    if (refusals === undefined || refusals.take()) return true
    const problem = 'too many calls were refused on the connections that share a limit with this one'
    this.#core.failed(new SessionFault('LIMIT_EXCEEDED', problem))
    return false
  }

  callExpired(call: IncomingCallState): void {
    this.#giveUp(call, errorWithoutStack('DEADLINE_EXCEEDED', 'the deadline of the call has passed'))
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
    if (!this.isFromPeer(callId)) throw violation(`a ${kind} with id ${callId}, which is one of this side`)
    if (callId <= this.#lastId) throw violation(`a ${kind} with id ${callId} after id ${this.#lastId}`)
    this.#lastId = callId
  }

  #refusalOf(envelope: CallEnvelope): RpcError | undefined {
    const { callsInFlightMax, callsAbandonedMax, bodyBytesMax } = this.#core.limits
    const unread = this.#refusalOfUnread()
    if (unread !== undefined) return unread
    if (this.#open.size >= callsInFlightMax) {
      return exhausted(`${callsInFlightMax} calls are in flight on this connection already`)
    }
    if (this.#abandoned.size >= callsAbandonedMax) {
      return exhausted(`${callsAbandonedMax} cancelled calls have not stopped yet`)
    }
    if (envelope.body.bytes.length > bodyBytesMax) {
      return exhausted(`the input is over the ${bodyBytesMax} bytes that this side takes`)
    }
    if (envelope.metadata === metadataOverLimit)
      return exhausted('the metadata exceed the limits of this side')
    if (envelope.upload) return errorWithoutStack('UNIMPLEMENTED', 'this peer takes no uploads')
    if (envelope.deadlineMs === 0)
      return errorWithoutStack('DEADLINE_EXCEEDED', 'the call came with no time left')
    return undefined
  }

  /** A client, which always reads on, refuses the calls of a server that does not, and not without end. */
  #refusalOfUnread(): RpcError | undefined {
    const { answerBytesQueuedMax, refusalsUnreadMax } = this.#core.limits
    if (this.#core.role === 'server' || this.#core.writer.answerBytesQueued <= answerBytesQueuedMax) {
      this.#refusalsUnread = 0
      return undefined
    }
    this.#refusalsUnread += 1
    if (this.#refusalsUnread > refusalsUnreadMax) {
      throw new SessionFault('LIMIT_EXCEEDED', 'the peer goes on calling and does not read its answers')
    }
    return exhausted(
      `over ${answerBytesQueuedMax} bytes of answers wait to be read: read them before calling again`,
    )
  }

  #giveUp(call: IncomingCallState, reason: RpcError): void {
    if (!call.abort(reason)) return
    this.#givenUp.add(call)
    this.#core.callEnded()
  }

  #begin(call: IncomingCallState, { body }: CallEnvelope, heldBytes: number): void {
    let input: Body
    try {
      input = decodeBody(body)
    } catch (cause) {
      call.refuse(errorWithoutStack('INVALID_ARGUMENT', `the input: ${textOfThrown(cause)}`, { cause }))
      return
    }
    call.begin(input, heldBytes)
    this.#core.turn.countCall()
    this.#core.guard(
      () => this.#core.handlers.call(call),
      () => call.broke(),
    )
  }

  #refuse(callId: number, error: RpcError): void {
    if (!this.mayRefuse()) return
    sendFailure(this.#core.writer, callId, error)
    this.#core.answered()
  }
}

/** The call asks for more than this side gives. */
function exhausted(text: string): RpcError {
  return errorWithoutStack('RESOURCE_EXHAUSTED', text)
}

function noSubscriptions(): RpcError {
  return errorWithoutStack('UNIMPLEMENTED', 'this peer takes no subscriptions over the wire')
}

/** A subscription in the form of the call whose rules it follows. */
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
