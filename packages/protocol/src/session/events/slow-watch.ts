import type { SessionTimer } from '../common/session-environment.ts'
import { startPeerTimer } from '../common/timers.ts'
import type { SessionCore } from '../flow/session-core.ts'
import type { SharedEncoding } from './event-encoding.ts'
import { type EventQueue, QueuedGap } from './event-queue.ts'
import { ReadingPace } from './reading-pace.ts'

/** A waiting event or gap; it knows since when it waits. */
export type EventOrGap = SharedEncoding | QueuedGap

export interface SlowWatchEvents {
  /** See `Traffic.silentMs`. */
  readonly silentMs: number
  /** A droppable event has waited for too long: drop one. */
  dropLate(): void
  /** An event that must not be dropped has waited for too long. @param why a text with the known facts */
  isSlow(late: EventOrGap, why: string): void
}

/** The first check of an event that waited too long may be late because this side was busy: it is checked twice. */
const lookAgainPart = 1 / 10

/**
 * Determines whether a peer keeps up with its events: whether one has waited for longer than `slowSubscriberMs`, and
 * the peer reads so slowly that the waiting events would take longer than that if they had the connection for
 * themselves. A peer that reads is not slow because of other data sent to it.
 */
export class SlowWatch {
  readonly #core: SessionCore
  readonly #waiting: EventQueue
  readonly #events: SlowWatchEvents
  readonly #pace: ReadingPace
  #timer: SessionTimer | undefined
  /** Whether an event had waited for too long at the last check. */
  #wasLate = false
  /** The waiting time of earlier events starts again here. */
  #resumedAtMs = Number.NEGATIVE_INFINITY

  constructor(core: SessionCore, waiting: EventQueue, events: SlowWatchEvents) {
    this.#core = core
    this.#waiting = waiting
    this.#events = events
    this.#pace = new ReadingPace(core.limits.slowSubscriberMs)
  }

  /** An event has begun to wait: it is checked when it has waited for too long. */
  begin(): void {
    if (this.#timer !== undefined) return
    this.#pace.restart(this.#core.environment.nowMs(), this.#core.writer.bytesTaken)
    this.#watch()
  }

  /** Nothing waits any more, or the peer is not judged: the session is over, or has no connection. */
  end(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#wasLate = false
  }

  /** There is another connection. */
  resumed(): void {
    this.#resumedAtMs = this.#core.environment.nowMs()
    this.begin()
  }

  /** Checks when the oldest entry has waited for too long, and at half of that time, to measure the pace. */
  #watch(): void {
    const longest = this.#longest
    if (longest === undefined) return
    const { slowSubscriberMs } = this.#core.limits
    const leftMs = slowSubscriberMs - this.#waitedMs(longest)
    const halfMs = slowSubscriberMs / 2
    this.#lookIn(leftMs > halfMs ? leftMs - halfMs : leftMs)
  }

  #lookIn(ms: number): void {
    this.#timer = startPeerTimer(this.#core.environment, ms, () => this.#look())
  }

  /**
   * The longest-waiting events or gaps by which the peer is judged; gaps count if there are too many. A burst over many
   * topics causes a gap for each: whether the peer is slow is only known after they have waited.
   */
  get #longest(): EventOrGap | undefined {
    const { oldest, gapBytes } = this.#waiting
    const gap = gapBytes > this.#core.limits.slowSubscriberBytesMax ? this.#waiting.oldestGap : undefined
    if (oldest === undefined || gap === undefined) return oldest ?? gap
    return gap.waitingSinceMs < oldest.waitingSinceMs ? gap : oldest
  }

  #isLate(waiting: EventOrGap): boolean {
    return this.#waitedMs(waiting) >= this.#core.limits.slowSubscriberMs
  }

  /** Time without a connection, or on a silent one, does not count. */
  #waitedMs({ waitingSinceMs }: EventOrGap): number {
    const sinceMs = Math.max(waitingSinceMs, this.#resumedAtMs)
    return Math.max(0, this.#core.environment.nowMs() - sinceMs - this.#events.silentMs)
  }

  #look(): void {
    this.#timer = undefined
    const { environment, limits, writer } = this.#core
    const bytesInTime = this.#pace.look(environment.nowMs(), writer.bytesTaken)
    const longest = this.#longest
    const wasLate = this.#wasLate
    this.#wasLate = false
    if (longest === undefined) return
    if (!this.#isLate(longest)) this.#watch()
    else if (bytesInTime >= this.#waiting.wireBytes) this.#lookIn(limits.slowSubscriberMs / 2)
    else if (wasLate) this.#judge()
    else {
      this.#wasLate = true
      this.#lookIn(limits.slowSubscriberMs * lookAgainPart)
    }
  }

  /** Drops late events. A late event that may not be dropped ends the session, and so do too many gaps. */
  #judge(): void {
    this.#waiting.tidy()
    const { slowSubscriberMs } = this.#core.limits
    for (let late = this.#longest; late !== undefined && this.#isLate(late); late = this.#longest) {
      if (late instanceof QueuedGap || late.whenSlow !== 'dropOldest') {
        const what = late instanceof QueuedGap ? 'too many gaps' : 'one'
        this.#events.isSlow(late, `${what} waited longer than slowSubscriberMs ${slowSubscriberMs}`)
        return
      }
      this.#events.dropLate()
    }
    this.#watch()
  }
}
