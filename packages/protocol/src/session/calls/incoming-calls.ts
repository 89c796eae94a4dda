import { textOfThrown } from '../../checks/thrown.ts'
import { type Body, decodeBody } from '../../envelope/codec.ts'
import type {
  CallEnvelope,
  CancelEnvelope,
  ContractAnnouncement,
  CreditEnvelope,
  EndEnvelope,
  ItemEnvelope,
  SubscribeEnvelope,
  UnsubscribeEnvelope,
} from '../../envelope/envelope.ts'
import { RpcError } from '../../rpc-error.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import { isCallOf, type SessionCore } from '../flow/session-core.ts'
import { sendFailure } from '../flow/wire-errors.ts'
import { IncomingCallState, type IncomingCallTable } from './incoming-call.ts'

/** The calls of the peer. */
export class IncomingCalls implements IncomingCallTable {
  readonly #core: SessionCore
  readonly #open = new Map<number, IncomingCallState>()
  /** Cancelled or expired, and not answered by their handlers yet. */
  readonly #abandoned = new Set<IncomingCallState>()
  readonly #fingerprints = new Map<string, string>()
  #lastId = 0
  #refusalsUnread = 0
  #goawaySent = false
  #goawayReceived = false

  constructor(core: SessionCore) {
    this.#core = core
  }

  get size(): number {
    return this.#open.size
  }

  /** The highest id the peer has used. */
  get lastId(): number {
    return this.#lastId
  }

  setAnnounced(contracts: readonly ContractAnnouncement[]): void {
    for (const { name, fingerprints } of contracts) {
      for (const [path, fingerprint] of Object.entries(fingerprints)) {
        this.#fingerprints.set(`${name}/${path}`, fingerprint)
      }
    }
  }

  goawaySent(): void {
    this.#goawaySent = true
  }

  goawayReceived(): void {
    this.#goawayReceived = true
  }

  call(envelope: CallEnvelope): void {
    this.#takeId(envelope)
    if (this.#goawaySent) return
    const refusal = this.#refusalOf(envelope)
    if (refusal !== undefined) {
      this.#fail(envelope.callId, refusal)
      return
    }
    let input: Body
    try {
      input = decodeBody(envelope.body)
    } catch (cause) {
      const text = textOfThrown(cause)
      this.#fail(envelope.callId, new RpcError('INVALID_ARGUMENT', `the input: ${text}`, { cause }))
      return
    }
    this.#begin(envelope, input)
  }

  /** Version 1 of this implementation lets handlers subscribe a connection; the wire form is refused, not ignored. */
  subscription(envelope: SubscribeEnvelope | UnsubscribeEnvelope): void {
    this.#takeId(envelope)
    if (this.#goawaySent) return
    this.#fail(
      envelope.callId,
      new RpcError('UNIMPLEMENTED', 'this peer takes no subscriptions over the wire'),
    )
  }

  credit({ callId, items }: CreditEnvelope): void {
    this.#find(callId, 'credit')?.grant(items)
  }

  cancel(envelope: CancelEnvelope): void {
    if (!isCallOf(this.#peerRole, envelope.callId)) {
      throw violation(`a cancel of call ${envelope.callId}, which the peer did not make`)
    }
    const call = this.#open.get(envelope.callId)
    if (call !== undefined) this.#abandon(call, new RpcError(envelope.code, envelope.text))
  }

  /** An item or an end for a call of the peer's own: an upload, which no call here takes. */
  upload({ kind, callId }: ItemEnvelope | EndEnvelope): void {
    const call = this.#find(callId, kind)
    if (call !== undefined) throw violation(`an ${kind} for call ${callId}, which takes none`)
  }

  isFromPeer(callId: number): boolean {
    return isCallOf(this.#peerRole, callId)
  }

  /** Items may flow again. */
  drained(): void {
    for (const call of this.#open.values()) call.wake()
  }

  /** Aborts every handler; the peer is told where it can still hear it. */
  abortAll(reason: () => RpcError, tellPeer: boolean): void {
    for (const call of [...this.#open.values()]) {
      const error = reason()
      if (tellPeer) sendFailure(this.#core.writer, call.id, error)
      this.#abandon(call, error)
    }
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
    if (this.#goawayReceived) return new RpcError('UNAVAILABLE', 'a call after a goaway of the same side')
    if (this.#open.size >= callsInFlightMax) {
      return new RpcError(
        'RESOURCE_EXHAUSTED',
        `${callsInFlightMax} calls are in flight on this connection already`,
      )
    }
    if (this.#abandoned.size >= callsAbandonedMax) {
      return new RpcError('RESOURCE_EXHAUSTED', `${callsAbandonedMax} cancelled calls have not stopped yet`)
    }
    if (envelope.body.bytes.length > bodyBytesMax) {
      const bytes = envelope.body.bytes.length
      return new RpcError(
        'RESOURCE_EXHAUSTED',
        `the input has ${bytes} bytes and this side takes ${bodyBytesMax}`,
      )
    }
    if (envelope.upload) return new RpcError('UNIMPLEMENTED', 'this peer takes no uploads')
    if (envelope.deadlineMs === 0) return new RpcError('DEADLINE_EXCEEDED', 'the call came with no time left')
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
    return new RpcError(
      'RESOURCE_EXHAUSTED',
      `over ${answerBytesQueuedMax} bytes of answers wait to be read: read them before calling again`,
    )
  }

  #begin(envelope: CallEnvelope, input: Body): void {
    const fingerprint = this.#fingerprints.get(envelope.procedure)
    const call = new IncomingCallState(this.#core, envelope, input, fingerprint, this)
    this.#open.set(call.id, call)
    call.startDeadline()
    this.#core.guard(
      () => this.#core.handlers.call(call),
      () => call.fail(new RpcError('INTERNAL', 'the handler failed')),
    )
  }

  callExpired(call: IncomingCallState): void {
    const error = new RpcError('DEADLINE_EXCEEDED', 'the deadline of the call has passed', {
      maybeExecuted: true,
    })
    this.#fail(call.id, error)
    this.#abandon(call, error)
  }

  #fail(callId: number, error: RpcError): void {
    sendFailure(this.#core.writer, callId, error)
    this.#core.answered()
  }

  #abandon(call: IncomingCallState, error: RpcError): void {
    this.#open.delete(call.id)
    this.#abandoned.add(call)
    call.abort(error)
    this.#core.callEnded()
  }

  callAnswered(call: IncomingCallState): void {
    this.#abandoned.delete(call)
    if (this.#open.delete(call.id)) this.#core.callEnded()
  }

  /** The open call of this id; undefined for a late envelope of one that has ended. */
  #find(callId: number, what: string): IncomingCallState | undefined {
    if (!this.isFromPeer(callId) || callId > this.#lastId) {
      throw violation(`${what} for call ${callId}, which the peer never made`)
    }
    return this.#open.get(callId)
  }
}
