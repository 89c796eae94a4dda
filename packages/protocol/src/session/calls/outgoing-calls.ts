import { emptyBody } from '../../envelope/codec.ts'
import type { EndEnvelope, FailureEnvelope, ItemEnvelope, ResultEnvelope } from '../../envelope/envelope.ts'
import { RpcError } from '../../rpc-error.ts'
import type { OutgoingCall, OutgoingCallEvents, OutgoingCallOptions } from '../common/call-types.ts'
import { violation } from '../common/session-fault.ts'
import { isCallOf, type SessionCore } from '../flow/session-core.ts'
import { unsendable } from '../flow/wire-errors.ts'
import { OutgoingCallState } from './outgoing-call.ts'

/** The calls of this side: waiting for a slot of the peer, open, or just refused. */
export class OutgoingCalls {
  readonly #core: SessionCore
  readonly #open = new Map<number, OutgoingCallState>()
  /** In the order of `call()`. */
  readonly #waiting = new Set<OutgoingCallState>()
  #nextId: number
  #lastSentId = 0
  /** How many the peer takes at once; 0 until it has said so. */
  #slots = 0
  #sendingWaiting = false
  #refusal: (() => RpcError) | undefined
  readonly #settled = (call: OutgoingCallState) => {
    this.#open.delete(call.id)
    this.#waiting.delete(call)
  }

  constructor(core: SessionCore) {
    this.#core = core
    this.#nextId = core.role === 'client' ? 1 : 2
  }

  get size(): number {
    return this.#open.size + this.#waiting.size
  }

  start(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall {
    const call = new OutgoingCallState(this.#core, this.#nextId, options, events, this.#settled)
    this.#nextId += 2
    try {
      this.#admit(call)
    } catch (error) {
      call.refuse(unsendable(error, 'INVALID_ARGUMENT'))
    }
    return call
  }

  /** The peer takes this many calls at once: those that wait are sent. */
  setSlots(slots: number): void {
    this.#slots = slots
    this.sendWaiting()
  }

  /** A call that cannot be sent settles here, which comes back here: the loop that runs already goes on then. */
  sendWaiting(): void {
    if (this.#sendingWaiting) return
    this.#sendingWaiting = true
    for (const call of this.#waiting) {
      if (this.#open.size >= this.#slots) break
      try {
        this.#send(call)
        this.#waiting.delete(call)
      } catch (error) {
        call.settle(unsendable(error, 'INVALID_ARGUMENT'), emptyBody)
      }
    }
    this.#sendingWaiting = false
  }

  result({ callId, body }: ResultEnvelope): void {
    this.#find(callId)?.result(body)
  }

  end({ callId }: EndEnvelope): void {
    this.#find(callId)?.end()
  }

  item(envelope: ItemEnvelope): void {
    this.#find(envelope.callId)?.item(envelope)
  }

  failure(envelope: FailureEnvelope): void {
    this.#find(envelope.callId)?.failure(envelope)
  }

  /** Nothing is sent any more; what was not sent yet fails, and so does every later call. */
  stopStarting(refusal: () => RpcError): void {
    this.#refusal = refusal
    for (const call of [...this.#waiting]) call.settle(refusal(), emptyBody)
  }

  /** The peer took no call after `lastCallId`. */
  refusedAfter(lastCallId: number, error: () => RpcError): void {
    for (const call of [...this.#open.values()]) {
      if (call.id > lastCallId) call.settle(error(), emptyBody)
    }
  }

  /** No answer can come any more. */
  cut(error: () => RpcError): void {
    for (const call of [...this.#open.values()]) call.settle(error(), emptyBody)
  }

  #admit(call: OutgoingCallState): void {
    if (this.#refusal !== undefined) throw this.#refusal()
    call.prepare()
    const sendable = this.#waiting.size === 0 && this.#open.size < this.#slots
    if (!sendable && this.#waiting.size >= this.#core.limits.callsQueuedMax) {
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `${this.#waiting.size} calls already wait for the peer: call less at once, or raise callsQueuedMax`,
      )
    }
    if (sendable) this.#send(call)
    else {
      call.wait()
      this.#waiting.add(call)
    }
    call.startDeadline()
  }

  #send(call: OutgoingCallState): void {
    call.send()
    this.#open.set(call.id, call)
    this.#lastSentId = call.id
  }

  /** The open call of this id; undefined for a late envelope of one that was settled here before. */
  #find(callId: number): OutgoingCallState | undefined {
    const call = this.#open.get(callId)
    if (call !== undefined) return call
    if (!isCallOf(this.#core.role, callId) || callId > this.#lastSentId) {
      throw violation(`an answer to call ${callId}, which this side never made`)
    }
    return undefined
  }
}
