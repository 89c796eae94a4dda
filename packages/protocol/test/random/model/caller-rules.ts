import type { CallRecord } from './call-record.ts'
import type { HalfBodies } from './half-bodies.ts'
import { OnewayRules } from './oneway-rules.ts'
import { told } from './told.ts'
import { type Amount, type Asked, hasUpload, otherRole, type Role, type Told, wantsItems } from './trace.ts'
import { UploadSenderRules } from './upload-sender-rules.ts'
import type { WireEnvelope } from './wire.ts'
import { require, type SideRecord, Violation, type World } from './world.ts'

/** The maximum size of what precedes the input of a one-way call, without its metadata. */
const headerBytesMax = 100

type Settled = Extract<Told, { what: 'settled' }>

/** The rules for calls at their caller. */
export class CallerRules {
  readonly #world: World
  readonly #side: SideRecord
  readonly #peer: SideRecord
  readonly #halves: HalfBodies
  readonly oneways: OnewayRules
  readonly uploads: UploadSenderRules

  constructor(world: World, role: Role, halves: HalfBodies) {
    this.#world = world
    this.#side = world.sides[role]
    this.#peer = world.sides[otherRole(role)]
    this.#halves = halves
    this.oneways = new OnewayRules(world, role)
    this.uploads = new UploadSenderRules(world)
  }

  grant(tag: number, { items, bytes }: Amount): void {
    const call = this.#world.tagged(tag)
    if (call.isSettled) return
    call.grantedItems += items
    call.grantedBytes += bytes
  }

  askStarted(tag: number): void {
    const call = this.#world.tagged(tag)
    if (call.isSettled || call.asksStarted || !wantsItems(call.asked.kind)) return
    call.asksStarted = true
    // The question travels in a credit of one byte, because a credit may not be empty.
    if (call.isSent && !call.startedReceived && !call.isItemReceived) call.grantedBytes += 1
  }

  started(tag: number): void {
    const call = this.#world.tagged(tag)
    require(!call.isSettled, 'nothing comes after a call has settled', () => `the begin of ${told(call)}`)
    require(call.startedReceived, 'a begin is told when the callee says so', () => told(call))
    require(!call.startedTold && call.itemsTold === 0, 'a begin is told once, before the first item', () =>
      told(call))
    call.startedTold = true
  }

  cancel({ tag, fault }: Extract<Asked, { what: 'cancel' }>): void {
    const call = this.#world.tagged(tag)
    if (call.isSettled) return
    call.cancelAsked = true
    call.cancelFault = fault
  }

  item({ tag, body, bytes }: Extract<Told, { what: 'item' }>): void {
    const call = this.#world.tagged(tag)
    require(!call.isSettled, 'nothing comes after a call has settled', () => `an item of ${told(call)}`)
    const { items, itemsTold } = call
    require(itemsTold < items.length &&
      items[itemsTold]?.body === body, 'items come in the order of sending, each once', () =>
      `item ${itemsTold} of ${told(call)} is ${body}, sent was ${items[itemsTold]?.body}`)
    require(itemsTold < call.grantedItems &&
      call.itemBytesTold < call.grantedBytes, 'no more items and bytes come than were granted', () =>
      `item ${itemsTold} of ${told(call)}`)
    call.itemsTold += 1
    call.itemBytesTold += bytes
  }

  settled(entry: Settled, atMs: number): void {
    const call = this.#world.tagged(entry.tag)
    require(!call.isSettled, 'a call settles once', () => `${told(call)} settled again`)
    call.isSettled = true
    if (
      entry.fault?.code === 'UNAVAILABLE' &&
      entry.fault.maybeExecuted &&
      call.failureReceived === undefined
    )
      call.lostAtMs = atMs
    if (entry.fault === undefined) this.#succeeded(call, entry)
    else this.#failed(call, entry.fault)
  }

  sentCall(envelope: WireEnvelope): void {
    const call = this.#world.calledIn(envelope)
    require(call.caller === this.#side.role && !call.isSent, 'a call is sent once, by its caller', () =>
      told(call))
    require(!call.isSettled, 'a call that has settled is not sent', () => told(call))
    const { callId } = envelope
    require(callId > this.#side.lastCallIdSent, 'calls are sent in the order they were made', () =>
      `id ${callId} of ${told(call)} after ${this.#side.lastCallIdSent}`)
    require(call.tag > this.#side.lastCallTagSent, 'calls are sent in the order they were made', () =>
      `${told(call)} after call ${this.#side.lastCallTagSent}`)
    this.#side.lastCallTagSent = call.tag
    this.#side.lastCallIdSent = callId
    this.#world.name(call, callId)
    const holding = this.#world.of(this.#side.role).filter((other) => other.holdsSlot).length
    require(holding <=
      this.#peer.limits.callsInFlightMax, 'no more calls are open than there are slots', () =>
      `${holding} with ${told(call)}`)
    const { kind } = call.asked
    require(envelope.upload === hasUpload(kind) &&
      (envelope.credit !== undefined) === wantsItems(kind) &&
      !call.isOneway, 'a call says which kind it is', () => told(call))
    if (envelope.goesOn) call.ownBodyUnderWay = 'call'
    call.announced = envelope.credit ?? call.announced
    this.#announces(call)
    require(call.asksStarted === envelope.asksStarted, 'a begin is asked for when the caller asks', () =>
      told(call))
  }

  /** An envelope about a call that was sent before. */
  sent(envelope: WireEnvelope): void {
    const call = this.#world.numbered(envelope.callId)
    require(!call.isSettled || envelope.kind === 'cancel', 'nothing is sent of a call that has settled', () =>
      `a ${envelope.kind} for ${told(call)}`)
    const { kind } = envelope
    require(!call.cancelSent || kind === 'cancel', 'nothing is sent of a call that has settled', () =>
      `a ${kind} for ${told(call)}`)
    if (kind === 'credit') this.#sentCredit(envelope)
    else if (kind === 'cancel') this.#sentCancel(envelope)
    else if (kind === 'more') this.uploads.sentPiece(call, envelope)
    else if (kind === 'item') this.uploads.sentItem(call, envelope)
    else if (kind === 'end') this.uploads.sentEnd(call)
    else throw new Violation('each kind of envelope has its sender', `a ${kind} for ${told(call)}`)
  }

  #sentCredit({ callId, credit, asksStarted }: WireEnvelope): void {
    const call = this.#world.numbered(callId)
    require(call.asksStarted || asksStarted !== true, 'a begin is asked for when the caller asks', () =>
      told(call))
    const { items, bytes } = call.announced
    call.announced = { items: items + (credit?.items ?? 0), bytes: bytes + (credit?.bytes ?? 0) }
    this.#announces(call)
  }

  #sentCancel({ callId }: WireEnvelope): void {
    const call = this.#world.numbered(callId)
    require(!call.cancelSent, 'a call is cancelled once', () => told(call))
    call.cancelSent = true
  }

  received(envelope: WireEnvelope): void {
    const call = this.#world.numbered(envelope.callId)
    const { kind } = envelope
    if (kind === 'failure') {
      this.#halves.drop(call)
      call.failureReceived = { code: envelope.code ?? '', maybeExecuted: envelope.maybeExecuted === true }
      call.isAnswerReceived = true
    } else if (kind === 'end') call.isAnswerReceived = true
    else if (kind === 'started') call.startedReceived = true
    else if (kind === 'credit') this.uploads.credited(call, envelope.credit ?? { items: 0, bytes: 0 })
    else if (kind === 'stop') this.uploads.stopReceived(call)
    else {
      if (kind === 'item') call.isItemReceived = true
      const isResult = kind === 'result' || this.#halves.kindOf(call) === 'result'
      if (this.#halves.take(call, envelope)) call.answerOverLimit = true
      if (isResult && !envelope.goesOn) call.isAnswerReceived = true
    }
  }

  /** The goaway of the peer: it did not accept the calls above this id. */
  refusedAfter(lastCallId: number): void {
    for (const call of this.#world.of(this.#side.role)) {
      if (call.id !== undefined && call.id > lastCallId) call.isAnswerReceived = true
    }
  }

  /**
   * The microtask queue is empty.
   *
   * @param mayWrite whether the session is open and its connection takes more
   */
  quiet(mayWrite: boolean): void {
    const calls = this.#world.of(this.#side.role)
    const waiting = calls.filter((call) => call.isWaiting)
    require(waiting.length <= this.#side.limits.callsQueuedMax, 'no more calls wait than may', () =>
      `${waiting.length}`)
    const holding = calls.filter((call) => call.holdsSlot).length
    const mayBeSent = waiting.filter(
      ({ isOneway }) => isOneway || holding < this.#peer.limits.callsInFlightMax,
    )
    require(!mayWrite || mayBeSent.length === 0, 'a call that may be sent does not wait', () =>
      mayBeSent.map(told).join(', '))
    for (const call of calls) {
      require(call.isSettled || !call.cancelAsked, 'a cancel settles its call at once', () => told(call))
      require(!call.isOneway ||
        !call.isSent ||
        call.isSettled, 'a one-way call settles when it was sent', () => told(call))
      this.uploads.quiet(call)
      if (!call.holdsSlot || call.isSettled || call.asked.credit === undefined) continue
      const { items, bytes } = call.announced
      require(items === call.grantedItems &&
        bytes === call.grantedBytes, 'the callee hears of each grant', () =>
        `${told(call)}: ${items}, ${bytes} of ${call.grantedItems}, ${call.grantedBytes}`)
    }
  }

  #announces(call: CallRecord): void {
    const { items, bytes } = call.announced
    require(items <= call.grantedItems &&
      bytes <= call.grantedBytes, 'no more is granted than the caller gave', () => told(call))
  }

  #succeeded(call: CallRecord, { body }: Settled): void {
    const { answer, asked } = call
    if (call.isOneway) {
      require(call.isSent, 'a one-way call settles when it was sent', () => told(call))
      return
    }
    require(call.isAnswerReceived, 'a result comes with the answer', () => told(call))
    if (wantsItems(asked.kind)) {
      require(answer?.how === 'end', 'an answer goes to its call', () => `${told(call)} ended without an end`)
      require(call.itemsTold === call.items.length, 'an end comes after all items', () =>
        `${told(call)}: ${call.itemsTold} of ${call.items.length}`)
    } else {
      const given = answer?.how === 'respond' ? answer.body : answer?.how
      require(given === body, 'an answer goes to its call', () =>
        `${told(call)} was told ${body}, its handler gave ${given}`)
    }
  }

  #failed(call: CallRecord, { code, maybeExecuted }: { code: string; maybeExecuted: boolean }): void {
    const { failureReceived: received, answer } = call
    require(!call.isOneway || !call.isSent, 'a one-way call settles when it was sent', () =>
      `${told(call)}: ${code}`)
    const isGiven = call.cancelFault?.code === code || (answer?.how === 'fail' && answer.fault.code === code)
    require(received === undefined ||
      call.cancelAsked ||
      received.code === code ||
      code === 'DEADLINE_EXCEEDED', 'an answer goes to its call', () =>
      `${told(call)} failed with ${code}, received was ${received?.code}`)
    require(!maybeExecuted || call.isSent || isGiven, 'a call that was not sent has not run', () =>
      `${told(call)}: ${code}`)
    if (!maybeExecuted && !isGiven) {
      call.settledAsNeverRun = true
      require(!call.hasHandler, 'a call that was not executed has no handler', () => `${told(call)}: ${code}`)
    }
    if (code === 'RESOURCE_EXHAUSTED' && received === undefined) {
      require(this.#mayExhaust(call), 'a call is refused for a reason that there is', () => told(call))
    }
  }

  #mayExhaust(call: CallRecord): boolean {
    const { asked } = call
    const { bodyBytesMax, frameBytesMax, metadataBytesMax, metadataEntriesMax } = this.#peer.limits
    return (
      call.answerOverLimit ||
      call.waitingBefore >= this.#side.limits.callsQueuedMax ||
      asked.inputBytes > bodyBytesMax ||
      // A one-way call is sent in one piece.
      (call.isOneway && asked.inputBytes + asked.metadata.bytes + headerBytesMax > frameBytesMax) ||
      asked.metadata.bytes > metadataBytesMax ||
      asked.metadata.entries > metadataEntriesMax
    )
  }
}
