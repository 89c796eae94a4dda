import type { CallRecord } from './records.ts'
import { type Entry, type EntryOf, hasItems, hasUpload, type Outcome } from './trace.ts'
import { require, Violation } from './violation.ts'
import type { World } from './world.ts'

type Failure = Extract<Outcome, { readonly how: 'failure' }>

/** What a caller learns about its calls. */
export class CallerRules {
  readonly #world: World
  readonly #open = new Set<CallRecord>()

  constructor(world: World) {
    this.#world = world
  }

  /** @returns whether the entry is about calls, at their callers */
  see(entry: Entry): boolean {
    switch (entry.what) {
      case 'call':
        this.#open.add(this.#world.addCall(entry))
        return true
      case 'cancel':
        this.#world.call(entry.call).cancelledAtMs = entry.atMs
        return true
      case 'ask':
        this.#world.call(entry.call).askedAtMs = entry.atMs
        return true
      case 'item':
        this.#item(this.#world.call(entry.call), entry)
        return true
      case 'give': {
        const call = this.#world.call(entry.call)
        call.given += 1
        call.sourceIsOpen = true
        return true
      }
      case 'giveEnd':
        this.#world.call(entry.call).gaveEnd = true
        return true
      case 'sourceFails':
        this.#world.call(entry.call).sourceFailed = true
        return true
      case 'sourceLeft':
        this.#world.call(entry.call).sourceIsOpen = false
        return true
      case 'settled':
        this.#settled(this.#world.call(entry.call), entry)
        return true
      default:
        return false
    }
  }

  /** Calls whose callers are alive and wait. */
  get unsettled(): CallRecord[] {
    return [...this.#open].filter(({ caller }) => !caller.isDead)
  }

  /** Checks that everything due before `nowMs` has happened. */
  pass(nowMs: number): void {
    for (const call of this.#open) {
      const { caller, cancelledAtMs } = call
      if (caller.isDead) this.#open.delete(call)
      if (caller.isDead || !isAwaited(call)) continue
      const deadlineAtMs = call.madeAtMs + call.deadlineMs / caller.host.clockRate
      const isOverdue = (dueMs: number | undefined) =>
        dueMs !== undefined && caller.host.isOverdue(Math.max(dueMs, call.askedAtMs ?? 0), nowMs)
      const detail = () => `${call} at ${nowMs} ms`
      require(!isOverdue(deadlineAtMs), 'a call settles by its deadline', detail)
      require(!isOverdue(cancelledAtMs), 'a call that is cancelled settles at once', detail)
      if (!call.isMadeAfterClosed)
        require(!isOverdue(caller.closedAtMs), 'closed is last: every call has settled', detail)
    }
  }

  #item(call: CallRecord, { number }: EntryOf<'item'>): void {
    require(call.outcome === undefined, 'nothing comes after a call has settled', () =>
      `item ${number} of ${call}`)
    require(number === call.items, 'items come in order, each once', () =>
      `item ${number} of ${call} instead of ${call.items}`)
    require(number < call.itemsGiven, 'an item was given before it comes', () => `item ${number} of ${call}`)
    call.items += 1
    call.askedAtMs = undefined
  }

  #settled(call: CallRecord, { outcome, atMs }: EntryOf<'settled'>): void {
    require(call.outcome === undefined, 'a call settles once', () => String(call))
    call.outcome = outcome
    this.#open.delete(call)
    const detail = () => `${call} settled with ${JSON.stringify(outcome)}`
    if (outcome.how === 'failure') this.#failed(call, outcome, atMs, detail)
    else if (outcome.how === 'sent' || outcome.how === 'left') {
      const fits = outcome.how === 'sent' ? call.kind === 'one-way' : hasItems(call.kind)
      require(fits, 'a call settles as its kind does', detail)
    } else {
      const isStream = hasItems(call.kind)
      require(call.kind !== 'one-way' &&
        isStream === (outcome.how === 'end'), 'a call settles as its kind does', detail)
      // A call that may be repeated may have run several times. Its result is that of one of its handlers.
      const runs = call.runs.filter(({ ending }) => ending?.how === outcome.how)
      require(runs.length > 0, 'a call that succeeded ran once, to that end', detail)
      if (outcome.how === 'end')
        require(runs.some(
          ({ items }) => items === call.items,
        ), 'a stream that ends well has given all its items', () =>
          `${call.items} of ${call.itemsGiven} items of ${call}`)
      if (outcome.how === 'result')
        require(runs.some(
          ({ ending }) => ending?.how === 'result' && ending.value === outcome.value,
        ), 'a result belongs to its call', detail)
    }
  }

  #failed(call: CallRecord, outcome: Failure, atMs: number, detail: () => string): void {
    if (!outcome.maybeExecuted)
      require(call.runs.length === 0, 'a call that was not executed has no handler', detail)
    const wasReady = call.caller.openedAtMs !== undefined && !call.isMadeAfterClosed
    require(wasReady || !outcome.maybeExecuted, 'a call that was not sent has not run', detail)
    require(this.#hasReason(call, outcome, atMs), 'a call fails for a reason that there is', detail)
  }

  #hasReason(call: CallRecord, { code, value }: Failure, atMs: number): boolean {
    if (code === 'BUSY' || code === 'INTERNAL') {
      const values = call.runs.flatMap(({ ending }) =>
        ending?.how === 'failure' && ending.code === code ? [ending.value] : [],
      )
      if (values.length === 0) return false
      require(values.includes(value), 'a result belongs to its call', () => `${value} of ${call}`)
      return true
    }
    switch (code) {
      case 'CANCELLED':
        return call.cancelledAtMs !== undefined
      case 'DEADLINE_EXCEEDED':
        return call.mayBePastDeadline(atMs)
      case 'ABORTED':
        return call.sourceFailed
      case 'UNAUTHENTICATED':
        return this.#world.atACut.mayBeRefused(call.link) && this.#world.atACut.callMayFail(call)
      case 'UNAVAILABLE':
        return call.isMadeAfterClosed || this.#world.atACut.callMayFail(call)
      default:
        return false
    }
  }

  /** Faults have stopped, and everything has had enough time. */
  rest(): void {
    for (const call of this.#open)
      if (!call.caller.isDead)
        throw new Violation('everything settles once faults have stopped', String(call))
    for (const call of this.#world.calls.values()) {
      if (call.caller.isDead) continue
      require(!hasUpload(call.kind) || !call.sourceIsOpen, 'the source of an upload is left', () =>
        String(call))
      if (call.outcome?.how !== 'sent' || call.deadlineMs !== Number.POSITIVE_INFINITY) continue
      require(call.runs.length > 0 ||
        this.#world.atACut.onewayMayBeLost(
          call,
        ), 'a call without an answer runs unless its session is lost', () => String(call))
    }
  }
}

/** The reader of a stream learns of its end when it asks for an item. */
function isAwaited({ kind, askedAtMs }: CallRecord): boolean {
  return !hasItems(kind) || askedAtMs !== undefined
}
