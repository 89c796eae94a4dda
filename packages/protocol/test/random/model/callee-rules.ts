import type { CallRecord } from './call-record.ts'
import type { HalfBodies } from './half-bodies.ts'
import { OnewayRules } from './oneway-rules.ts'
import { told } from './told.ts'
import { type Answer, type Held, otherRole, type Role, type Told } from './trace.ts'
import { UploadReceiverRules } from './upload-receiver-rules.ts'
import type { WireEnvelope } from './wire.ts'
import { require, type SideRecord, type World } from './world.ts'

/** The rules for calls at their callee. */
export class CalleeRules {
  readonly #world: World
  readonly #side: SideRecord
  readonly #peer: SideRecord
  readonly #halves: HalfBodies
  readonly oneways: OnewayRules
  readonly uploads: UploadReceiverRules

  constructor(world: World, role: Role, halves: HalfBodies) {
    this.#world = world
    this.#side = world.sides[role]
    this.#peer = world.sides[otherRole(role)]
    this.#halves = halves
    this.oneways = new OnewayRules(world, role)
    this.uploads = new UploadReceiverRules(world, halves)
  }

  receivedCall(envelope: WireEnvelope, atMs: number, queuedBytes: number): void {
    const call = this.#world.numbered(envelope.callId)
    const { limits } = this.#side
    call.receivedAtMs = atMs
    call.isIgnored = call.id! > this.#side.lastCallIdTaken
    call.expiresAtMs = atMs + (envelope.deadlineMs ?? Number.POSITIVE_INFINITY)
    call.metadataReceived = envelope.metadata
    call.creditItems = envelope.credit?.items ?? 0
    call.creditBytes = envelope.credit?.bytes ?? 0
    if (envelope.asksStarted === true) call.startedAskedAtMs = atMs
    call.unreadAtArrival = this.#side.role === 'client' && queuedBytes > limits.answerBytesQueuedMax
    const abandoned = this.#mine().filter((other) => other.isAbandoned).length
    call.abandonedAtArrival = abandoned >= limits.callsAbandonedMax
    if (!call.isIgnored && this.#halves.take(call, envelope)) call.inputOverLimit = true
  }

  /** A further piece of an input, an item or the end of an upload, a credit or a cancel. */
  received(envelope: WireEnvelope, atMs: number): void {
    const call = this.#world.numbered(envelope.callId)
    if (envelope.kind === 'cancel') {
      call.cancelReceived = envelope.code ?? ''
      this.#halves.drop(call)
    } else if (envelope.kind === 'credit') {
      call.creditItems += envelope.credit?.items ?? 0
      call.creditBytes += envelope.credit?.bytes ?? 0
      if (envelope.asksStarted === true) call.startedAskedAtMs = Math.min(call.startedAskedAtMs, atMs)
    } else if (envelope.kind !== 'end') this.uploads.receivedBody(call, envelope)
  }

  handler({ tag, input, kind }: Extract<Told, { what: 'handler' }>): void {
    const call = this.#world.tagged(tag)
    require(!call.hasHandler, 'a handler runs once', () => told(call))
    if (call.isOneway) this.oneways.runs(call)
    else require(call.isOpenAtCallee, 'a handler runs for an open call', () => told(call))
    require(!call.settledAsNeverRun, 'a call that was not executed has no handler', () => told(call))
    require(call.asked.input === input &&
      call.asked.kind === kind, 'a handler is given what the caller gave', () =>
      `${told(call)}: ${input} instead of ${call.asked.input}`)
    const { callsInFlightMax, callsAbandonedMax } = this.#side.limits
    const left = this.#mine().filter((other) => other.isAbandoned).length
    require(left < callsAbandonedMax + callsInFlightMax, 'no more handlers are left running than may', () =>
      `${left} with ${told(call)}`)
    call.hasHandler = true
  }

  aborted(tag: number, atMs: number): void {
    const call = this.#world.tagged(tag)
    call.isHandlerAborted = true
    call.abortedAtMs = atMs
  }

  /** The handler has thrown, or its promise is about to reject. */
  threw(tag: number, atMs: number): void {
    const call = this.#world.tagged(tag)
    call.handlerThrew = true
    call.threwAtMs = atMs
    this.#halves.drop(call)
  }

  /** The handler has taken its first step. */
  handlerStarted(tag: number, atMs: number): void {
    this.#world.tagged(tag).handlerStartedAtMs = atMs
  }

  answers(tag: number, answer: Answer, atMs: number): void {
    const call = this.#world.tagged(tag)
    this.#hasToldBegin(call, atMs)
    call.answer ??= answer
    // The remaining pieces of an item in flight are discarded.
    this.#halves.drop(call)
  }

  sendsItem(tag: number, body: string, bytes: number, atMs: number): void {
    const call = this.#world.tagged(tag)
    this.#hasToldBegin(call, atMs)
    if (!call.isHandlerAborted && call.answer === undefined) call.items.push({ body, bytes })
  }

  sent(envelope: WireEnvelope, atMs: number): void {
    const call = this.#world.numbered(envelope.callId)
    const { kind, goesOn } = envelope
    require(call.answerSent === undefined, 'nothing follows an answer, and each call has one', () =>
      `a ${kind} for ${told(call)} after its ${call.answerSent}`)
    require(call.isOpenAtCallee, 'only open calls are answered', () => `a ${kind} for ${told(call)}`)
    if (kind === 'more') {
      require(call.bodyUnderWay !== undefined, 'a piece follows a beginning', () => told(call))
      if (!goesOn && call.bodyUnderWay === 'result') call.answerSent = 'result'
      if (!goesOn) call.bodyUnderWay = undefined
      return
    }
    if (kind === 'credit' || kind === 'stop') {
      if (kind === 'credit') this.uploads.sentCredit(call, envelope)
      else this.uploads.sentStop(call, atMs)
      return
    }
    if (kind === 'started') this.#started(call)
    if (kind === 'failure') this.#failure(call, envelope)
    else
      require(call.bodyUnderWay === undefined, 'one body of a call is under way at a time', () =>
        `a ${kind} for ${told(call)} inside a ${call.bodyUnderWay}`)
    if (kind === 'item') this.#item(call, envelope)
    if (kind === 'end' || kind === 'failure' || (kind === 'result' && !goesOn)) {
      call.answerSent = kind
      this.#halves.drop(call)
    } else if (goesOn) call.bodyUnderWay = kind === 'result' ? 'result' : 'item'
  }

  #item(call: CallRecord, { sequence }: WireEnvelope): void {
    require(sequence === call.itemsBegun, 'items are numbered', () => `${told(call)}: ${sequence}`)
    const bytesBefore = call.items.slice(0, call.itemsBegun).reduce((sum, { bytes }) => sum + bytes, 0)
    require(call.creditItems > call.itemsBegun &&
      call.creditBytes > bytesBefore, 'no more items and bytes are sent than were granted', () =>
      `item ${sequence} of ${told(call)}: ${call.creditItems} items, ${call.creditBytes - bytesBefore} bytes`)
    call.itemsBegun += 1
  }

  #started(call: CallRecord): void {
    require(call.startedAskedAtMs < Number.POSITIVE_INFINITY, 'a begin is told to who asks', () => told(call))
    require(call.handlerStartedAtMs <
      Number.POSITIVE_INFINITY, 'a begin is told when the handler has begun', () => told(call))
    require(!call.startedSent && call.itemsBegun === 0, 'a begin is told once, before the first item', () =>
      told(call))
    call.startedSent = true
  }

  /** Is checked before time passes: a later answer or item of the handler does not replace the report. */
  #hasToldBegin(call: CallRecord, atMs: number): void {
    const isDue = Math.max(call.startedAskedAtMs, call.handlerStartedAtMs) < atMs
    if (!isDue || !call.isOpenAtCallee || call.answer !== undefined || call.items.length > 0) return
    if (this.#side.isOver || this.#side.wasCut || this.#peer.wasCut || call.isHandlerAborted) return
    require(call.startedSent, 'a begin is told to who asks', () => `${told(call)} was told nothing`)
  }

  #failure(call: CallRecord, { code, maybeExecuted }: WireEnvelope): void {
    const given = call.answer?.how === 'fail' ? call.answer.fault : undefined
    if (given !== undefined && given.code === code) {
      require(given.maybeExecuted === maybeExecuted, 'what a handler says of its failure is sent', () =>
        told(call))
      return
    }
    require(maybeExecuted === true || !call.hasHandler, 'a call that was not executed has no handler', () =>
      `${told(call)}: ${code}`)
    if (code === 'RESOURCE_EXHAUSTED')
      require(this.#mayExhaust(call), 'a call is refused for a reason that there is', () => told(call))
  }

  #mayExhaust(call: CallRecord): boolean {
    const { metadataBytesMax, metadataEntriesMax } = this.#side.limits
    const { metadataReceived: metadata, answer } = call
    return (
      call.inputOverLimit ||
      call.memoryMayRunOut ||
      call.cancelReceived === 'RESOURCE_EXHAUSTED' ||
      call.unreadAtArrival ||
      call.abandonedAtArrival ||
      (metadata !== undefined &&
        (metadata.entries > metadataEntriesMax || metadata.bytes > metadataBytesMax)) ||
      // The answer of the handler exceeded the limit of the caller.
      (answer?.how === 'respond' && bytesOf(answer.body) > this.#peer.limits.bodyBytesMax) ||
      answer?.how === 'fail'
    )
  }

  /** The microtask queue is empty. */
  quiet(onewaysDropped: number, { inputBytes }: Held): void {
    this.oneways.quiet(onewaysDropped)
    const unreadBytes = this.#mine().reduce((sum, call) => sum + this.uploads.quiet(call), 0)
    require(inputBytes >= unreadBytes, 'what was not read is counted', () =>
      `${inputBytes} of ${unreadBytes}`)
    const isIdle = !this.#mine().some((call) => call.isRunning || call.isOpenAtCallee)
    require(!isIdle || inputBytes === 0, 'every budget is given back', () => `${inputBytes} bytes of inputs`)
  }

  #mine(): CallRecord[] {
    return this.#world.of(this.#peer.role)
  }
}

/** The text of a body begins with its length in bytes and a colon. */
function bytesOf(body: string): number {
  return Number(body.slice(0, body.indexOf(':')))
}
