import { inMicrotask, RareMap, RareSet } from '@frameport/framing/checks'
import { emptyBody } from '../../envelope/codec.ts'
import type {
  CreditEnvelope,
  EndEnvelope,
  FailureEnvelope,
  ItemEnvelope,
  ResultEnvelope,
  StartedEnvelope,
  StopEnvelope,
} from '../../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../../error-without-stack.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { OutgoingCall, OutgoingCallEvents, OutgoingCallOptions } from '../common/call-types.ts'
import { isCallOf, type SessionCore } from '../flow/session-core.ts'
import { unsendable } from '../flow/wire-errors.ts'
import { CallsById } from './calls-by-id.ts'
import { OutgoingCallState, type OutgoingCallTable } from './outgoing-call.ts'
import { failureOf } from './outgoing-failures.ts'

/** The calls of this side: waiting for a slot of the peer, open, or just refused. */
export class OutgoingCalls implements OutgoingCallTable {
  readonly #core: SessionCore
  /** Calls that hold a slot of the peer: they were sent, and the peer has not answered. */
  readonly #open = new CallsById<OutgoingCallState>()
  /** Waiting calls, in the order of `call()`. */
  readonly #waiting = new RareSet<OutgoingCallState>()
  /**
   * Calls that could not be made, with the reason, and one-way calls that were sent: each is settled in a microtask.
   */
  readonly #settling = new RareMap<OutgoingCallState, RpcError | undefined>()
  #nextId: number
  #lastSentId = 0
  /** The number of calls that the peer accepts at once; 0 before the handshake. */
  #slots = 0
  /** Whether there is a connection whose handshake is complete. */
  #isOpen = false
  /** The number of one-way calls in `#waiting`, which need no slot. */
  #onewaysWaiting = 0
  /** The number of calls in `#open` that were cancelled here and that the peer has not answered. */
  #left = 0
  #sendingWaiting = false
  #refusal: (() => RpcError) | undefined
  #made = 0
  #failed = 0

  constructor(core: SessionCore) {
    this.#core = core
    this.#nextId = core.role === 'client' ? 1 : 2
  }

  /** The number of calls made so far. */
  get made(): number {
    return this.#made
  }

  get failed(): number {
    return this.#failed
  }

  get size(): number {
    return this.#open.size + this.#waiting.size
  }

  /** Calls whose callers wait: a closing session waits only for these. */
  get awaited(): number {
    return this.size - this.#left
  }

  callFailed(): void {
    this.#failed += 1
  }

  /** A call that holds a slot was cancelled. */
  callLeft(): void {
    this.#left += 1
  }

  whyWaiting(): string {
    if (!this.#isOpen) return this.#slots > 0 ? 'the connection was lost' : 'the handshake did not finish'
    if (this.#core.writer.blocked) return 'the peer does not read what was sent before'
    if (this.#left >= this.#core.limits.callsUnansweredMax)
      return `the peer has not answered ${this.#left} calls that were given up`
    if (this.#open.size < this.#slots)
      return 'the inputs of other calls use up the bodiesPartialBytesMax of the peer'
    return `${this.#open.size} calls are open, the callsInFlightMax of the peer is ${this.#slots}`
  }

  start(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall {
    const call = new OutgoingCallState(this.#core, this.#nextId, options, events, this)
    this.#nextId += 2
    this.#made += 1
    try {
      this.#admit(call)
    } catch (error) {
      this.#refuse(call, unsendable(error, 'INVALID_ARGUMENT'))
    }
    return call
  }

  /** The peer accepts this many calls at once: sends those that wait. */
  setSlots(slots: number): void {
    this.#isOpen = true
    this.#slots = slots
    this.sendWaiting()
  }

  /** There is no connection: calls wait for the next one. */
  hold(): void {
    this.#isOpen = false
  }

  /** The remaining milliseconds of a sent call: undefined without a deadline, 0 if the caller no longer waits. */
  leftMs(callId: number): number | undefined {
    const call = this.#open.get(callId)
    if (call === undefined || call.wasLeft) return 0
    return call.deadlineAtMs === undefined ? undefined : call.deadlineAtMs - this.#core.environment.nowMs()
  }

  /** This call was cancelled before it reached the peer, which does not answer it. */
  neverMade(callId: number): void {
    this.#open.get(callId)?.neverMade()
  }

  /**
   * Sends waiting calls. A call that cannot be sent settles here, and its callback may call this again: the running
   * loop then continues.
   */
  sendWaiting(): void {
    // Every call that ends runs this, usually for nothing: an iterator would cost it a hundred bytes.
    if (this.#sendingWaiting || this.#waiting.size === 0) return
    this.#sendingWaiting = true
    for (const call of this.#waiting) {
      if (!this.#maySend(call)) {
        if (this.#onewaysWaiting === 0 || !this.#mayWrite) break
        continue
      }
      try {
        if (!this.#send(call)) break
        this.#leaveLine(call)
      } catch (error) {
        call.settle(unsendable(error, 'INVALID_ARGUMENT'), emptyBody)
      }
    }
    this.#sendingWaiting = false
  }

  callEnded(call: OutgoingCallState, wasLeft: boolean): void {
    if (wasLeft) this.#left -= 1
    this.#open.delete(call.id)
    this.#leaveLine(call)
    this.#settling.delete(call)
  }

  result(envelope: ResultEnvelope): void {
    this.#open.get(envelope.callId)?.result(envelope)
  }

  end(envelope: EndEnvelope): void {
    this.#open.get(envelope.callId)?.end(envelope)
  }

  credit(envelope: CreditEnvelope): void {
    this.#open.get(envelope.callId)?.credited(envelope)
  }

  stop({ callId }: StopEnvelope): void {
    this.#open.get(callId)?.stopped()
  }

  started(envelope: StartedEnvelope): void {
    this.#open.get(envelope.callId)?.started()
  }

  /** The first piece of an item, or all of it. */
  itemBegins(envelope: ItemEnvelope): void {
    this.#open.get(envelope.callId)?.itemBegins(envelope)
  }

  /** Handles a complete item. */
  item(envelope: ItemEnvelope): void {
    this.#open.get(envelope.callId)?.item(envelope)
  }

  /** Whether a call with this id was sent. */
  wasMade(callId: number): boolean {
    return isCallOf(this.#core.role, callId) && callId <= this.#lastSentId
  }

  isOpen(callId: number): boolean {
    return this.#open.has(callId)
  }

  /** A body of the answer to this call exceeds the limit of this side. */
  tooLong(callId: number, problem: string): void {
    this.#open.get(callId)?.tooLong(problem)
  }

  failure(envelope: FailureEnvelope): void {
    const call = this.#open.get(envelope.callId)
    if (call === undefined) this.#failedBehindAnswer(envelope)
    else call.failure(envelope, this.#refusal !== undefined)
  }

  /** Only a subscription can still fail once its call was answered. */
  #failedBehindAnswer(envelope: FailureEnvelope): void {
    const { handlers } = this.#core
    this.#core.guard(() =>
      handlers.subscriptionEnded?.(envelope.callId, failureOf(this.#core, envelope, false)),
    )
  }

  /** Sends nothing more, and every later call fails. @returns an iterator that fails the calls not yet sent */
  stopStarting(refusal: () => RpcError): Iterable<void> {
    this.#refusal = refusal
    return settling(this.#waiting, refusal)
  }

  /** The peer accepted no call after `lastCallId`. @returns an iterator that settles those calls */
  refusedAfter(lastCallId: number, error: () => RpcError): Iterable<void> {
    const refused = [...this.#open.values()].filter(({ id }) => id > lastCallId)
    return settling(refused, error)
  }

  /** No answer can arrive any more. @returns an iterator that settles all sent calls */
  cut(error: () => RpcError): Iterable<void> {
    return settling(this.#open.values(), error)
  }

  /**
   * The session has closed, and will report it next. Settles the remaining calls first, including those that their
   * callbacks make.
   */
  settleRest(): void {
    for (const [call, error] of this.#settling) call.settle(error, emptyBody)
  }

  #refuse(call: OutgoingCallState, error: RpcError): void {
    call.refuse()
    this.#settleSoon(call, error)
  }

  /** Uses a microtask, so that a caller is not called back from inside its own call. */
  #settleSoon(call: OutgoingCallState, error: RpcError | undefined): void {
    this.#settling.set(call, error)
    inMicrotask(() => call.settle(error, emptyBody))
  }

  #admit(call: OutgoingCallState): void {
    if (this.#refusal !== undefined) throw this.#refusal()
    call.prepare()
    const isNext = call.isOneway ? this.#onewaysWaiting === 0 : this.#waiting.size === 0
    if (!isNext || !this.#maySend(call) || !this.#send(call)) this.#standInLine(call)
    call.startDeadline()
  }

  /**
   * Whether a call may be sent: the peer has a slot and room for a long input, answers calls that were cancelled here,
   * and reads earlier data. Otherwise calls wait, in a limited number, and can still be cancelled.
   */
  #maySend(call: OutgoingCallState): boolean {
    if (!this.#mayWrite) return false
    if (call.isOneway) return true
    const { limits, bodies } = this.#core
    const hasSlot = this.#open.size < this.#slots && this.#left < limits.callsUnansweredMax
    return hasSlot && bodies.hasRoomFor(call.inputBytesMost)
  }

  get #mayWrite(): boolean {
    return this.#isOpen && this.#refusal === undefined && !this.#core.writer.blocked
  }

  #standInLine(call: OutgoingCallState): void {
    const { callsQueuedMax, callBytesQueuedMax } = this.#core.limits
    const { memory } = this.#core
    if (this.#waiting.size >= callsQueuedMax) {
      throw errorWithoutStack(
        'RESOURCE_EXHAUSTED',
        `${this.#waiting.size} calls already wait for the peer: make fewer calls at once, or raise callsQueuedMax`,
      )
    }
    // A single call may exceed the limit.
    if (this.#waiting.size > 0 && memory.waitingBytes + call.inputBytes > callBytesQueuedMax) {
      throw errorWithoutStack(
        'RESOURCE_EXHAUSTED',
        `calls with inputs of ${memory.waitingBytes} bytes already wait for the peer: make fewer calls at once, or raise callBytesQueuedMax`,
      )
    }
    call.wait()
    this.#waiting.add(call)
    if (call.isOneway) this.#onewaysWaiting += 1
    memory.addWaiting(call.inputBytes)
  }

  #leaveLine(call: OutgoingCallState): void {
    if (!this.#waiting.delete(call)) return
    if (call.isOneway) this.#onewaysWaiting -= 1
    this.#core.memory.addWaiting(-call.waitedBytes)
  }

  /** @returns false if the connection has ended: the call then waits, and the session will soon learn it */
  #send(call: OutgoingCallState): boolean {
    if (!call.send()) {
      this.hold()
      return false
    }
    if (call.isOneway) {
      this.#settleSoon(call, undefined)
      return true
    }
    this.#open.add(call)
    this.#lastSentId = call.id
    return true
  }
}

/** Settles one call in each step. Calls that have settled meanwhile are unchanged. */
function* settling(calls: Iterable<OutgoingCallState>, error: () => RpcError): Generator<void> {
  for (const call of calls) {
    call.settle(error(), emptyBody)
    yield
  }
}
