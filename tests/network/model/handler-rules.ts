import type { CallRecord, HandlerRun, ServedRecord } from './records.ts'
import type { Entry, EntryOf } from './trace.ts'
import { require } from './violation.ts'
import type { World } from './world.ts'

/** What handlers receive, and when they are stopped. */
export class HandlerRules {
  readonly #world: World
  /** The handlers that have not ended. */
  readonly #running = new Map<HandlerRun, CallRecord>()

  constructor(world: World) {
    this.#world = world
  }

  /** @returns whether the entry is about handlers */
  see(entry: Entry): boolean {
    switch (entry.what) {
      case 'begin':
        this.#begin(this.#world.call(entry.call), entry)
        return true
      case 'yield':
        this.#runOf(entry).items += 1
        return true
      case 'take':
        this.#take(entry)
        return true
      case 'takeEnd':
        this.#takeEnd(entry)
        return true
      case 'aborted':
        this.#aborted(entry)
        return true
      case 'end': {
        const run = this.#runOf(entry)
        require(run.ending === undefined, 'a handler ends once', () => String(this.#world.call(entry.call)))
        run.ending = entry.ending
        this.#running.delete(run)
        return true
      }
      default:
        return false
    }
  }

  /** Checks that everything due before `nowMs` has happened. */
  pass(nowMs: number): void {
    for (const [run, call] of this.#running) {
      const { end, beganAtMs, budgetMs, abortedAtMs } = run
      if (end.isDead) this.#running.delete(run)
      if (end.isDead || abortedAtMs !== undefined) continue
      const isOverdue = (dueMs: number | undefined) => dueMs !== undefined && end.host.isOverdue(dueMs, nowMs)
      const detail = () => `the handler of ${call} at ${nowMs} ms`
      const deadlineAtMs = beganAtMs + budgetMs / end.host.clockRate
      require(!isOverdue(deadlineAtMs), 'a handler is aborted by its deadline', detail)
      require(!isOverdue(end.closedAtMs), 'closed is last: every handler was aborted', detail)
    }
  }

  /** Faults have stopped, and everything has had enough time. */
  rest(): void {
    for (const [{ end, abortedAtMs }, call] of this.#running) {
      if (end.isDead) continue
      const detail = () => `the handler of ${call}`
      require(abortedAtMs !== undefined ||
        call.outcome === undefined, 'a handler is aborted when nobody waits for it', detail)
      require(false, 'everything settles once faults have stopped', detail)
    }
  }

  #begin(call: CallRecord, entry: EntryOf<'begin'>): void {
    const { host, link, input, from, leftMs } = entry
    const isCallee = call.calleeHosts.some(({ name }) => name === host)
    require(isCallee && call.link.number === link, 'a call runs where it was sent', () =>
      `${call} ran on ${host} for ${link}`)
    const served = this.#servedOf(call, entry)
    const end = call.served === undefined ? served : call.link.client
    require(input === call.input, 'a handler is given what its caller gave', () => String(call))
    require(!call.neverRan, 'a call that was not executed has no handler', () => String(call))
    require(this.#world.atACut.mayRun(call, served), 'a handler runs at most once for a call', () =>
      String(call))
    require(end.closedAtMs === undefined, 'closed is last: no handler begins', () => String(call))
    // Received items may wait for their reader. A session that was left may start a handler for a call that was sent
    // there before.
    const isBehind = from >= call.items || served !== call.link.served
    require(isBehind && from <= call.itemsGiven, 'a stream goes on behind its last item', () =>
      `${call} goes on from ${from} after ${call.items} of ${call.itemsGiven}`)
    const budgetMs = budgetOf(call, served, entry.atMs)
    require(leftMs <= budgetMs, 'a handler has no more time than its call has left', () =>
      `${leftMs} ms of ${budgetMs} for ${call}`)
    const run: HandlerRun = {
      end,
      served,
      beganAtMs: this.#world.nowMs,
      budgetMs,
      items: from,
      taken: 0,
      tookEnd: false,
      abortedAtMs: undefined,
      ending: undefined,
    }
    call.runs.push(run)
    this.#running.set(run, call)
  }

  #take(entry: EntryOf<'take'>): void {
    const call = this.#world.call(entry.call)
    const run = this.#runOf(entry)
    require(!run.tookEnd, 'nothing comes after the end of an upload', () => `${entry.number} of ${call}`)
    require(entry.number === run.taken, 'items of an upload come in order, each once', () =>
      `item ${entry.number} of ${call} instead of ${run.taken}`)
    require(entry.number < call.given, 'an item was given before it comes', () =>
      `item ${entry.number} of the upload of ${call}`)
    run.taken += 1
  }

  #takeEnd(entry: EntryOf<'takeEnd'>): void {
    const call = this.#world.call(entry.call)
    const run = this.#runOf(entry)
    run.tookEnd = true
    require(call.gaveEnd &&
      run.taken === call.given, 'an upload whose handler sees the end has come whole', () =>
      `${run.taken} of ${call.given} items of ${call}`)
  }

  #aborted(entry: EntryOf<'aborted'>): void {
    const call = this.#world.call(entry.call)
    const run = this.#runOf(entry)
    run.abortedAtMs = entry.atMs
    const hasReason =
      call.outcome !== undefined ||
      call.cancelledAtMs !== undefined ||
      call.sourceFailed ||
      call.mayBePastDeadline(entry.atMs) ||
      this.#world.atACut.runMayBeAborted(call, run.served)
    require(hasReason, 'a handler is aborted for a reason that there is', () => String(call))
  }

  /** The session over which the call arrived. */
  #servedOf(call: CallRecord, { served, host }: EntryOf<'begin'>): ServedRecord {
    const session = call.served ?? this.#world.session(served ?? -1)
    const { link } = call
    const isOfLink = session.link === link && (call.served === undefined || link.taken.has(session))
    const isThere = call.served !== undefined || session.host.name === host
    require(isOfLink && isThere, 'a call runs where it was sent', () => `${call} ran on ${session}`)
    return session
  }

  #runOf({ call: number, host, served }: OfRun): HandlerRun {
    return this.#world.run(this.#world.call(number), host, served)
  }
}

type OfRun = Pick<EntryOf<'aborted'>, 'call' | 'host' | 'served'>

/**
 * The time that a call may have left when its handler begins. A call that was in flight when a connection broke is sent
 * again on the next one, after that was made, with the time that is left then. The beginning of a long call may have
 * arrived on the earlier connection: from then on its time passes on the clock of the callee.
 */
function budgetOf(
  { deadlineMs, madeAtMs, caller, served, link }: CallRecord,
  { attachedAtMs, lostBeforeAtMs = 0, host }: ServedRecord,
  nowMs: number,
): number {
  const calleeHost = served === undefined ? host : link.client.host
  const sentAgainMs = Math.max(0, attachedAtMs - madeAtMs) * caller.host.clockRate
  const arrivedBeforeMs = (nowMs - Math.max(madeAtMs, lostBeforeAtMs)) * calleeHost.clockRate
  // The deadline is sent in whole milliseconds, rounded up.
  return Math.max(0, deadlineMs - Math.min(sentAgainMs, arrivedBeforeMs)) + 1
}
