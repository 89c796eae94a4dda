import type { CallRecord } from './call-record.ts'
import type { HalfBodies } from './half-bodies.ts'
import { type Amount, type Asked, otherRole, type Role, type Told } from './trace.ts'
import type { WireEnvelope } from './wire.ts'
import { require, type SideRecord, type World } from './world.ts'

type Settled = Extract<Told, { what: 'settled' }>

/** What holds for the calls of one side, at that side. */
export class CallerRules {
  readonly #world: World
  readonly #side: SideRecord
  readonly #peer: SideRecord
  readonly #halves: HalfBodies

  constructor(world: World, role: Role, halves: HalfBodies) {
    this.#world = world
    this.#side = world.sides[role]
    this.#peer = world.sides[otherRole(role)]
    this.#halves = halves
  }

  grant(tag: number, { items, bytes }: Amount): void {
    const call = this.#world.tagged(tag)
    if (call.isSettled) return
    call.grantedItems += items
    call.grantedBytes += bytes
  }

  askStarted(tag: number): void {
    const call = this.#world.tagged(tag)
    if (call.isSettled || call.asksStarted || !call.asked.isStream) return
    call.asksStarted = true
    // A credit asks for it then, and no credit grants nothing.
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
    const call = this.#world.tagged(Number(envelope.procedure?.slice(envelope.procedure.indexOf('/c') + 2)))
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
    call.announced = envelope.credit ?? call.announced
    this.#announces(call)
    require(call.asksStarted === envelope.asksStarted, 'a begin is asked for when the caller asks', () =>
      told(call))
  }

  sentPiece({ callId }: WireEnvelope): void {
    const call = this.#world.numbered(callId)
    require(!call.isSettled && !call.cancelSent, 'nothing is sent of a call that has settled', () =>
      told(call))
  }

  sentCredit({ callId, credit, asksStarted }: WireEnvelope): void {
    const call = this.#world.numbered(callId)
    require(call.asksStarted || asksStarted !== true, 'a begin is asked for when the caller asks', () =>
      told(call))
    require(!call.isSettled && !call.cancelSent, 'nothing is sent of a call that has settled', () =>
      told(call))
    const { items, bytes } = call.announced
    call.announced = { items: items + (credit?.items ?? 0), bytes: bytes + (credit?.bytes ?? 0) }
    this.#announces(call)
  }

  sentCancel({ callId }: WireEnvelope): void {
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
    else {
      if (kind === 'item') call.isItemReceived = true
      const isResult = kind === 'result' || this.#halves.kindOf(call) === 'result'
      if (this.#halves.take(call, envelope)) call.answerOverLimit = true
      if (isResult && !envelope.goesOn) call.isAnswerReceived = true
    }
  }

  /** A goaway of the peer: it never took the calls above this id. */
  refusedAfter(lastCallId: number): void {
    for (const call of this.#world.of(this.#side.role)) {
      if (call.id !== undefined && call.id > lastCallId) call.isAnswerReceived = true
    }
  }

  /** Nothing is queued as a microtask. */
  quiet(): void {
    const calls = this.#world.of(this.#side.role)
    const waiting = calls.filter((call) => call.isWaiting).length
    require(waiting <= this.#side.limits.callsQueuedMax, 'no more calls wait than may', () => `${waiting}`)
    for (const call of calls) {
      require(call.isSettled || !call.cancelAsked, 'a cancel settles its call at once', () => told(call))
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
    require(call.isAnswerReceived, 'a result comes with the answer', () => told(call))
    if (asked.isStream) {
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
    const { bodyBytesMax, metadataBytesMax, metadataEntriesMax } = this.#peer.limits
    return (
      call.answerOverLimit ||
      call.waitingBefore >= this.#side.limits.callsQueuedMax ||
      asked.inputBytes > bodyBytesMax ||
      asked.metadata.bytes > metadataBytesMax ||
      asked.metadata.entries > metadataEntriesMax
    )
  }
}

export function told(call: CallRecord): string {
  return `call ${call.tag} (id ${call.id}) of the ${call.caller}`
}
