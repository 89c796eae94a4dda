import { describeValue } from '../../checks/check-value.ts'
import { type Body, decodeBody, emptyBody, encodeBody } from '../../envelope/codec.ts'
import type {
  EndEnvelope,
  EnvelopeBody,
  FailureEnvelope,
  ItemEnvelope,
  ResultEnvelope,
} from '../../envelope/envelope.ts'
import { noBody, noMetadata } from '../../envelope/envelope.ts'
import { RpcError } from '../../rpc-error.ts'
import { violation } from '../common/session-fault.ts'
import type { OutgoingCall, OutgoingCallEvents, OutgoingCallOptions } from '../common/session-types.ts'
import { startTimer } from '../common/timers.ts'
import { isCallOf, type SessionCore } from '../flow/session-core.ts'
import { codeAndText, unsendable } from '../flow/wire-errors.ts'
import type { OutgoingCallState } from './outgoing-call.ts'

const creditMax = Number.MAX_SAFE_INTEGER

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

  constructor(core: SessionCore) {
    this.#core = core
    this.#nextId = core.role === 'client' ? 1 : 2
  }

  get size(): number {
    return this.#open.size + this.#waiting.size
  }

  start(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall {
    const { deadlineMs } = options
    const call: OutgoingCallState = {
      id: this.#nextId,
      options,
      events,
      deadlineAtMs: deadlineMs === undefined ? undefined : this.#core.environment.nowMs() + deadlineMs,
      phase: 'new',
      body: noBody,
      credit: options.initialCredit ?? 0,
      nextSequence: 0,
      deadline: undefined,
    }
    this.#nextId += 2
    try {
      this.#admit(call)
    } catch (error) {
      this.#refuse(call, unsendable(error, 'INVALID_ARGUMENT'))
    }
    return {
      id: call.id,
      grant: (items) => this.#grant(call, items),
      cancel: (error) => this.#cancel(call, error ?? cancelled(call.phase === 'open')),
    }
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
        this.#settle(call, unsendable(error, 'INVALID_ARGUMENT'), emptyBody)
      }
    }
    this.#sendingWaiting = false
  }

  result(envelope: ResultEnvelope): void {
    const call = this.#find(envelope.callId)
    if (call === undefined) return
    this.#settleWith(call, envelope.body, 'the result')
  }

  end(envelope: EndEnvelope): void {
    const call = this.#find(envelope.callId)
    if (call === undefined) return
    if (call.options.initialCredit === undefined) {
      throw violation(`an end for call ${call.id}, which asked for no items`)
    }
    this.#settle(call, undefined, emptyBody)
  }

  item(envelope: ItemEnvelope): void {
    const call = this.#find(envelope.callId)
    if (call === undefined) return
    if (call.options.initialCredit === undefined) {
      throw violation(`an item for call ${call.id}, which asked for none`)
    }
    if (envelope.sequence !== call.nextSequence) {
      throw violation(`item ${envelope.sequence} of call ${call.id} came instead of ${call.nextSequence}`)
    }
    if (call.credit === 0) throw violation(`item ${envelope.sequence} of call ${call.id} came without credit`)
    call.nextSequence += 1
    call.credit -= 1
    const body = this.#read(envelope.body, 'an item')
    if (RpcError.is(body)) this.#cancel(call, body)
    else this.#core.guard(() => call.events.item(body))
  }

  failure(envelope: FailureEnvelope): void {
    const call = this.#find(envelope.callId)
    if (call === undefined) return
    const body = this.#read(envelope.body, `the data of ${envelope.code}`)
    if (RpcError.is(body)) {
      this.#settle(call, body, emptyBody)
      return
    }
    this.#settle(call, rpcErrorOf(envelope, body), emptyBody)
  }

  /** Nothing is sent any more; what was not sent yet fails, and so does every later call. */
  stopStarting(refusal: () => RpcError): void {
    this.#refusal = refusal
    for (const call of [...this.#waiting]) this.#settle(call, refusal(), emptyBody)
  }

  /** The peer took no call after `lastCallId`. */
  refusedAfter(lastCallId: number, error: () => RpcError): void {
    for (const call of [...this.#open.values()]) {
      if (call.id > lastCallId) this.#settle(call, error(), emptyBody)
    }
  }

  /** No answer can come any more. */
  cut(error: () => RpcError): void {
    for (const call of [...this.#open.values()]) this.#settle(call, error(), emptyBody)
  }

  #admit(call: OutgoingCallState): void {
    if (this.#refusal !== undefined) throw this.#refusal()
    checkNumbers(call.options)
    if (call.options.deadlineMs !== undefined && call.options.deadlineMs <= 0) throw deadlineExceeded(false)
    call.body = encodeBody(call.options.input)
    const sendable = this.#waiting.size === 0 && this.#open.size < this.#slots
    if (!sendable && this.#waiting.size >= this.#core.limits.callsQueuedMax) {
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `${this.#waiting.size} calls already wait for the peer: call less at once, or raise callsQueuedMax`,
      )
    }
    if (sendable) this.#send(call)
    else this.#wait(call)
    if (call.deadlineAtMs !== undefined && call.phase !== 'settled')
      this.#startDeadline(call, call.deadlineAtMs)
  }

  #wait(call: OutgoingCallState): void {
    if (call.body.encoding === 'raw') call.body = { encoding: 'raw', bytes: call.body.bytes.slice() }
    call.phase = 'waiting'
    this.#waiting.add(call)
  }

  #send(call: OutgoingCallState): void {
    const { writer, environment } = this.#core
    const metadata = call.options.metadata ?? noMetadata
    writer.checkBody(call.body, 'the input')
    writer.checkMetadata(metadata)
    const leftMs = call.deadlineAtMs === undefined ? undefined : call.deadlineAtMs - environment.nowMs()
    if (leftMs !== undefined && leftMs <= 0) throw deadlineExceeded(false)
    const verdict = writer.send(
      {
        kind: 'call',
        callId: call.id,
        procedure: call.options.procedure,
        ...(leftMs === undefined ? {} : { deadlineMs: Math.min(Math.ceil(leftMs), creditMax) }),
        ...(call.options.initialCredit === undefined ? {} : { credit: call.credit }),
        upload: false,
        metadata,
        body: call.body,
      },
      'own',
    )
    if (verdict === 'closed')
      throw new RpcError('UNAVAILABLE', 'the connection has ended: the call was not sent')
    call.phase = 'open'
    call.body = noBody
    this.#open.set(call.id, call)
    this.#lastSentId = call.id
  }

  #startDeadline(call: OutgoingCallState, deadlineAtMs: number): void {
    const leftMs = deadlineAtMs - this.#core.environment.nowMs()
    call.deadline = startTimer(this.#core.environment, leftMs, () =>
      this.#cancel(call, deadlineExceeded(call.phase === 'open')),
    )
  }

  #refuse(call: OutgoingCallState, error: RpcError): void {
    call.phase = 'refused'
    void Promise.resolve().then(() => this.#settle(call, error, emptyBody))
  }

  #grant(call: OutgoingCallState, items: number): void {
    if (call.options.initialCredit === undefined || !Number.isSafeInteger(items) || items <= 0) return
    if (call.phase !== 'open' && call.phase !== 'waiting') return
    const granted = Math.min(items, creditMax - call.credit)
    if (granted === 0) return
    call.credit += granted
    if (call.phase === 'open')
      this.#core.writer.send({ kind: 'credit', callId: call.id, items: granted }, 'own')
  }

  #cancel(call: OutgoingCallState, error: RpcError): void {
    if (call.phase === 'open') {
      this.#core.writer.send({ kind: 'cancel', callId: call.id, ...codeAndText(error) }, 'own')
    }
    this.#settle(call, error, emptyBody)
  }

  #settle(call: OutgoingCallState, error: RpcError | undefined, body: Body): void {
    if (call.phase === 'settled') return
    call.phase = 'settled'
    call.body = noBody
    call.deadline?.cancel()
    this.#open.delete(call.id)
    this.#waiting.delete(call)
    this.#core.guard(() => call.events.settled(error, body))
    this.#core.callEnded()
  }

  #settleWith(call: OutgoingCallState, encoded: EnvelopeBody, what: string): void {
    const body = this.#read(encoded, what)
    if (RpcError.is(body)) this.#settle(call, body, emptyBody)
    else this.#settle(call, undefined, body)
  }

  /** The body, or why the call that it belongs to fails. */
  #read(encoded: EnvelopeBody, what: string): Body | RpcError {
    const max = this.#core.limits.bodyBytesMax
    if (encoded.bytes.length > max) {
      return new RpcError(
        'RESOURCE_EXHAUSTED',
        `${what} has ${encoded.bytes.length} bytes and this side takes ${max}: raise bodyBytesMax here`,
        { maybeExecuted: true },
      )
    }
    try {
      return decodeBody(encoded)
    } catch (cause) {
      return new RpcError('INTERNAL', `the peer sent ${what} that is not valid`, {
        cause,
        maybeExecuted: true,
      })
    }
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

function rpcErrorOf(envelope: FailureEnvelope, body: Body): RpcError {
  const data = body.kind === 'value' ? body.value : body.kind === 'raw' ? body.bytes : undefined
  return new RpcError(envelope.code, envelope.text, {
    ...(data === undefined ? {} : { data }),
    maybeExecuted: envelope.maybeExecuted,
  })
}

function cancelled(maybeExecuted: boolean): RpcError {
  return new RpcError('CANCELLED', 'the caller cancelled the call', { maybeExecuted })
}

function deadlineExceeded(maybeExecuted: boolean): RpcError {
  return new RpcError('DEADLINE_EXCEEDED', 'the deadline of the call has passed', { maybeExecuted })
}

function checkNumbers({ deadlineMs, initialCredit }: OutgoingCallOptions): void {
  if (deadlineMs !== undefined && !Number.isFinite(deadlineMs)) {
    throw new RpcError(
      'INVALID_ARGUMENT',
      `deadlineMs is ${describeValue(deadlineMs)}, not a number of milliseconds: leave it out for a call without a deadline`,
    )
  }
  if (initialCredit !== undefined && (!Number.isSafeInteger(initialCredit) || initialCredit < 0)) {
    throw new RpcError('INVALID_ARGUMENT', `initialCredit is ${initialCredit}: it must be an integer from 0`)
  }
}
