import { inMicrotask } from '@frameport/framing/checks'
import { type Body, emptyBody } from '../../envelope/codec.ts'
import { type Extensions, metadataOverLimit, noBody } from '../../envelope/envelope-parts.ts'
import type {
  Credit,
  FailureEnvelope,
  ItemEnvelope,
  ResultEnvelope,
} from '../../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../../may-have-run.ts'
import { RpcError } from '../../rpc-error.ts'
import type { OutgoingCall, OutgoingCallEvents, OutgoingCallOptions } from '../common/call-types.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { violation } from '../common/session-fault.ts'
import { startTimer } from '../common/timers.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { codeAndText } from '../flow/wire-errors.ts'
import { positionOf } from './call-extensions.ts'
import { type CallInput, encodedInput, inputBytesMost, inputOf, keptInput } from './call-input.ts'
import { deliverItem } from './deliver-item.ts'
import { ItemReceiver } from './item-receiver.ts'
import {
  checkNumbers,
  deadlineExceeded,
  failureOf,
  metadataTooLong,
  readAnswer,
} from './outgoing-failures.ts'
import { type SentCall, sendCall } from './send-call.ts'
import { UploadSender } from './upload-sender.ts'

/**
 * - `refused`: will be settled in a microtask
 * - `waiting`: for the handshake, or for a slot of the peer
 * - `handed`: a one-way call that was sent, and will be settled in a microtask
 * - `left`: settled here by a cancel, but not answered by the peer yet, so it keeps its slot
 */
type Phase = 'new' | 'refused' | 'waiting' | 'handed' | 'open' | 'left' | 'ended'

/** Replaces the options of a sent call, so that a long input is not kept until the peer has answered. */
const sentOptions: OutgoingCallOptions = { procedure: '', input: emptyBody }
/** Replaces the events of a settled call. */
const nobody: OutgoingCallEvents = { item: () => undefined, settled: () => undefined }

/** The table of outgoing calls. */
export interface OutgoingCallTable {
  /** The call is over: its slot, or its place among the waiting calls, is free. */
  callEnded(call: OutgoingCallState, wasLeft: boolean): void
  /** The call was cancelled here, and keeps its slot until the peer has answered. */
  callLeft(): void
  /** Called when the call fails, for figures. */
  callFailed(): void
  /** The text of a failure: what an unsent call waits for. */
  whyWaiting(): string
}

/** A call of this side, from `call()` until the peer has answered it. */
export class OutgoingCallState implements OutgoingCall, SentCall {
  readonly id: number
  readonly #core: SessionCore
  #options: OutgoingCallOptions
  #events: OutgoingCallEvents
  readonly #table: OutgoingCallTable
  readonly deadlineAtMs: number | undefined
  /** Absent in a call that asks for no items. */
  readonly #items: ItemReceiver | undefined
  readonly upload: UploadSender | undefined
  /** True if the call gets no answer. */
  readonly isOneway: boolean
  #phase: Phase = 'new'
  #input: CallInput = noBody
  #waitedBytes = 0
  #deadline: SessionTimer | undefined
  /** Set if the peer was asked, or will be asked with the call, to report when its handler has begun. */
  #started: (() => void) | undefined

  constructor(
    core: SessionCore,
    id: number,
    options: OutgoingCallOptions,
    events: OutgoingCallEvents,
    table: OutgoingCallTable,
  ) {
    const { deadlineMs, initialCredit } = options
    this.id = id
    this.#core = core
    this.#options = options
    this.#events = events
    this.#table = table
    this.#started = initialCredit === undefined ? undefined : options.started
    this.deadlineAtMs = deadlineMs === undefined ? undefined : core.environment.nowMs() + deadlineMs
    this.#items = initialCredit === undefined ? undefined : new ItemReceiver(core, id, initialCredit)
    this.upload = options.upload === true ? new UploadSender(core, id) : undefined
    this.isOneway = options.isOneway === true
  }

  /** @throws RpcError for a call that cannot be made, ProtocolError for an input without a form on the wire */
  prepare(): void {
    checkNumbers(this.#options)
    if (this.#options.deadlineMs !== undefined && this.#options.deadlineMs <= 0) {
      throw deadlineExceeded()
    }
    this.#input = inputOf(this.#options)
  }

  /** True if it was cancelled here, and the peer has not answered it. */
  get wasLeft(): boolean {
    return this.#phase === 'left'
  }

  get inputBytes(): number {
    const encoded = encodedInput(this.#input)
    this.#input = encoded
    return encoded.bytes.length
  }

  /** Like {@link inputBytes}, but an upper bound for a short text, which is not encoded yet. */
  get inputBytesMost(): number {
    return inputBytesMost(this.#input)
  }

  /** The memory that it held while it waited. */
  get waitedBytes(): number {
    return this.#waitedBytes
  }

  get credit(): Credit | undefined {
    return this.#items?.credit
  }

  get asksStarted(): boolean {
    return this.#started !== undefined
  }

  /** Copies what the caller may change before the call is sent. */
  wait(): void {
    const kept = keptInput(this.#input)
    this.#input = kept
    this.#waitedBytes = kept.bytes.length
    this.#phase = 'waiting'
  }

  /**
   * @returns false if the connection has ended, which the session will soon learn
   * @throws RpcError, ProtocolError or FramingError for a call that cannot be sent: nothing was sent then
   */
  send(): boolean {
    const verdict = sendCall(this.#core, this, this.#options, this.#input)
    if (verdict === 'closed') return false
    this.#phase = this.isOneway ? 'handed' : 'open'
    this.#input = noBody
    this.#options = sentOptions
    this.upload?.opened(this.#core.writer.uploadCredit)
    return true
  }

  startDeadline(): void {
    if (this.deadlineAtMs === undefined || (this.#phase !== 'open' && this.#phase !== 'waiting')) return
    const leftMs = this.deadlineAtMs - this.#core.environment.nowMs()
    this.#deadline = startTimer(this.#core.environment, leftMs, () =>
      this.cancel(deadlineExceeded(this.#phase === 'waiting' ? this.#table.whyWaiting() : undefined)),
    )
  }

  /** The call cannot be made. Its table settles it. */
  refuse(): void {
    this.#phase = 'refused'
  }

  grant(credit: Credit): void {
    if (this.#phase === 'open' || this.#phase === 'waiting')
      this.#items?.grant(credit, this.#phase === 'open')
  }

  keep(bytes: number): void {
    this.#core.memory.addItems(bytes)
  }

  mayGrow(bytes: number): boolean {
    return this.#items?.mayGrow(bytes) === true
  }

  grow(bytes: number): void {
    this.#items?.grow(bytes)
  }

  askStarted(started: () => void): void {
    if (this.#items === undefined || this.#started !== undefined) return
    this.#started = started
    if (this.#phase === 'open' && this.#items.askStarted()) inMicrotask(() => this.#tellStarted())
  }

  cancel(reason: RpcError = errorWithoutStack('CANCELLED', 'the caller cancelled the call')): void {
    if (this.#phase === 'left' || this.#phase === 'handed') return
    if (this.#phase !== 'open') {
      this.settle(asMayHaveRun(reason, mayHaveRun.notSent), emptyBody)
      return
    }
    const error = asMayHaveRun(reason, mayHaveRun.sentAndUnanswered)
    this.#phase = 'left'
    this.#items?.end()
    // The unsent rest of its input is dropped.
    this.upload?.stop()
    this.#core.bodies.drop(this.id)
    this.#core.writer.send({ kind: 'cancel', callId: this.id, ...codeAndText(error) }, 'own')
    this.#deadline?.cancel()
    this.#table.callLeft()
    this.#tell(error, emptyBody)
    this.#core.callEnded()
  }

  result({ metadata, extensions, body: encoded }: ResultEnvelope): void {
    if (this.#items !== undefined) throw violation(`a result for call ${this.id}, which asked for items`)
    if (this.#phase === 'left') this.#end()
    else if (metadata === metadataOverLimit) this.settle(metadataTooLong(), emptyBody)
    else {
      const body = readAnswer(this.#core, encoded, 'the result')
      if (RpcError.is(body)) this.settle(body, emptyBody)
      else {
        if (extensions !== undefined) this.#tellPosition(extensions)
        this.settle(undefined, body)
      }
    }
  }

  /** Only the caller of a subscription wants the position. */
  #tellPosition(extensions: Extensions): void {
    if (this.#events.startsAfter === undefined) return
    const position = positionOf(extensions)
    if (position !== undefined) this.#core.guard(() => this.#events.startsAfter?.(position))
  }

  /** The handler has begun. */
  started(): void {
    if (this.#phase !== 'open' || this.#items === undefined) return
    this.#items.started()
    this.#tellStarted()
  }

  #tellStarted(): void {
    if (this.#phase === 'open') this.#core.guard(() => this.#started?.())
  }

  /** The callee accepts more items. */
  credited(credit: Credit): void {
    if (this.upload === undefined) throw violation(`a credit for call ${this.id}, which sends no items`)
    this.upload.grant(credit)
  }

  /** The callee accepts no more items. */
  stopped(): void {
    if (this.upload === undefined) throw violation(`a stop for call ${this.id}, which sends no items`)
    if (this.upload.stop()) this.#core.guard(() => this.#events.stopped?.())
  }

  /** The first piece of an item, or all of it. */
  itemBegins(envelope: ItemEnvelope): void {
    if (this.#items === undefined) throw violation(`an item for call ${this.id}, which asked for none`)
    if (this.#phase === 'open') this.#items.begin(envelope)
  }

  item({ body }: ItemEnvelope): void {
    if (this.#phase !== 'open') return
    this.#items!.charge(body.bytes.length)
    const failure = deliverItem(this.#core, this.#events, body)
    if (failure !== undefined) this.cancel(failure)
  }

  /** A body of its answer exceeds the limit of this side. */
  tooLong(problem: string): void {
    if (this.#phase !== 'open') return
    this.cancel(errorWithoutStack('RESOURCE_EXHAUSTED', problem))
  }

  end({ metadata }: { readonly metadata: unknown }): void {
    if (this.#items === undefined) throw violation(`an end for call ${this.id}, which asked for no items`)
    if (this.#phase === 'left') this.#end()
    else if (metadata === metadataOverLimit) this.settle(metadataTooLong(), emptyBody)
    else this.settle(undefined, emptyBody)
  }

  /** @param isClosing whether this side sends no further calls, because one side is closing */
  failure(envelope: FailureEnvelope, isClosing: boolean): void {
    if (this.#phase === 'left') this.#end()
    else this.settle(failureOf(this.#core, envelope, isClosing), emptyBody)
  }

  /** It was cancelled before the peer knew of it. */
  neverMade(): void {
    if (this.#phase === 'left') this.#end()
  }

  /** Settles a call that is over on both sides, or that the peer never receives. */
  settle(error: RpcError | undefined, body: Body): void {
    if (this.#phase === 'ended') return
    const told = this.#phase === 'left'
    this.#phase = 'ended'
    this.#items?.end()
    this.#input = noBody
    this.upload?.stop()
    this.#core.bodies.drop(this.id)
    this.#deadline?.cancel()
    this.#table.callEnded(this, told)
    if (!told) this.#tell(error, body)
    this.#core.callEnded()
  }

  #tell(error: RpcError | undefined, body: Body): void {
    const events = this.#events
    this.#events = nobody
    if (error !== undefined) this.#table.callFailed()
    this.#core.guard(tellSettled, undefined, events, error, body)
  }

  /** The peer has answered what was settled here before. */
  #end(): void {
    this.settle(undefined, emptyBody)
  }
}

function tellSettled(events: OutgoingCallEvents, error: RpcError | undefined, body: Body): unknown {
  return events.settled(error, body)
}
