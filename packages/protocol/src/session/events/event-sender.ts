import { inMicrotask } from '@frameport/framing/checks'
import { RpcError } from '../../rpc-error.ts'
import type { EmitVerdict, EventEncoding } from '../common/event-types.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import type { EventGap, SessionEvent } from '../common/session-types.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { type SharedEncoding, sharedEncoding } from './event-encoding.ts'
import { EventQueue, QueuedGap } from './event-queue.ts'

/** What waits, and since when. */
type Waiting = SharedEncoding | QueuedGap

export interface EventSenderEvents {
  /** See `Traffic.silentMs`. */
  readonly silentMs: number
  /** The peer does not keep up: the session has to end. */
  peerIsSlow(message: string): void
  /** No event waits any more. */
  noEventWaits(): void
}

/** Sent in one go, before what waits beside events (pieces of bodies, items) has its turn. */
const burstBytes = 64 * 1024

/** The first look at an event that waited too long may come late because this side was busy: it is looked at twice. */
const lookAgainPart = 1 / 10

/**
 * Sends events, no faster than the connection takes them. What it has no room for waits here by reference. Whether the
 * peer keeps up is judged by how long events wait, and never within the turn in which they are emitted.
 */
export class EventSender {
  readonly #core: SessionCore
  readonly #events: EventSenderEvents
  readonly #waiting: EventQueue
  #isSending = false
  /** From the handshake on, until it is settled that the session ends. */
  #isOpen = false
  #timer: SessionTimer | undefined
  /** At the last look an event had waited for too long. */
  #wasLate = false
  #waiters: ((sent: boolean) => void)[] = []
  /** Those that wait for the next connection, too. */
  #patient: ((sent: boolean) => void)[] = []
  /** There is no connection: nobody is slow, and nobody is waited for. */
  #isDetached = false
  /** What waited then begins to wait anew. */
  #resumedAtMs = Number.NEGATIVE_INFINITY

  constructor(core: SessionCore, events: EventSenderEvents) {
    this.#core = core
    this.#events = events
    this.#waiting = new EventQueue(() => core.environment.nowMs())
  }

  /** What the events that wait count. */
  get bytesWaiting(): number {
    return this.#waiting.bytes
  }

  get isWaiting(): boolean {
    return !this.#waiting.isEmpty
  }

  /** @throws RpcError INVALID_ARGUMENT; RESOURCE_EXHAUSTED for more than the peer takes. Nothing was sent then */
  emit(given: SessionEvent | EventEncoding): EmitVerdict {
    if (!this.#isOpen) return 'closed'
    const event = sharedEncoding(given)
    this.#checkLength(event)
    const { writer } = this.#core
    if (this.#waiting.isEmpty && !writer.blocked) return writer.sendPayload(event.payload, 'own')
    return this.#wait(event)
  }

  /** Tells the peer of a gap in the place of an event that it cannot take. */
  leaveOut(given: EventEncoding): void {
    const event = sharedEncoding(given)
    if (!this.#isOpen) return
    event.leftOut()
    this.#gap(event)
  }

  /** @throws ProtocolError INVALID_FIELD: nothing was sent then */
  sendGap(gap: EventGap): void {
    if (!this.#isOpen) return
    this.#core.writer.check({ kind: 'gap', ...gap })
    this.#waiting.addGap(gap)
    this.#send()
    if (this.#hasTooManyGaps) this.#watch()
  }

  /** The connection has room again. */
  drained(): void {
    if (!this.#waiting.isEmpty) this.#send()
  }

  /** Settles with true when nothing waits any more, with false when the session ended before that. */
  sent(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false)
    if (this.#waiting.isEmpty || this.#isDetached) return Promise.resolve(true)
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** As {@link sent}, and waits for the next connection while there is none. */
  drainedOnce(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false)
    if (this.#waiting.isEmpty) return Promise.resolve(true)
    return new Promise((resolve) => this.#patient.push(resolve))
  }

  /** The peer can be sent events. */
  open(): void {
    this.#isOpen = true
  }

  /** The connection is lost: what waits is for the next one, and nobody waits for that. */
  detached(): void {
    // One that has given its peer up ends its session.
    if (!this.#isOpen) return
    this.#isDetached = true
    this.#timer?.cancel()
    this.#timer = undefined
    this.#settle(true)
  }

  /** There is another connection. */
  resumed(): void {
    this.#isDetached = false
    this.#resumedAtMs = this.#core.environment.nowMs()
    this.#wasLate = false
    this.#watch()
  }

  /** The session is over: what waits is lost, and what is emitted. */
  close(): void {
    this.#isOpen = false
    this.#timer?.cancel()
    this.#timer = undefined
    this.#wasLate = false
    this.#waiting.clear()
    this.#settle(false)
    this.#settlePatient(false)
  }

  #checkLength({ payload, bodyBytes }: SharedEncoding): void {
    const { peerBodyBytesMax: bodyMax, peerFrameBytesMax: frameMax } = this.#core.writer
    if (bodyMax !== undefined && bodyBytes > bodyMax)
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `the event has ${bodyBytes} bytes and the peer takes ${bodyMax}: send less, or raise bodyBytesMax there`,
      )
    if (frameMax !== undefined && payload.length > frameMax)
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `the event has ${payload.length} bytes, goes out in one piece, and the peer takes frames of ${frameMax}`,
      )
  }

  #wait(event: SharedEncoding): EmitVerdict {
    const { slowSubscriberBytesMax } = this.#core.limits
    const isOver = () => this.#waiting.bytes + event.bytes > slowSubscriberBytesMax
    if (event.whenSlow === 'dropOldest') while (isOver() && this.#drop());
    if (isOver() || !this.#waiting.add(event)) {
      this.#leaveOut(event)
      return 'leftOut'
    }
    this.#watch()
    return 'waiting'
  }

  #leaveOut(event: SharedEncoding): void {
    event.leftOut()
    if (event.whenSlow === 'disconnect' && !this.#isDetached && this.#events.silentMs === 0) {
      this.#giveUp(event, 'there is no room for an event that it must not miss')
    } else this.#gap(event)
  }

  #gap(event: SharedEncoding): void {
    this.#waiting.leaveOut(event)
    this.#send()
    if (this.#hasTooManyGaps) this.#watch()
  }

  /** A burst over many topics brings a gap for each: whether the peer is slow is known when they have waited. */
  get #hasTooManyGaps(): boolean {
    return this.#waiting.gapBytes > this.#core.limits.slowSubscriberBytesMax
  }

  /** @returns whether one was dropped */
  #drop(): boolean {
    const dropped = this.#waiting.dropOldest()
    dropped?.leftOut()
    return dropped !== undefined
  }

  /** Not at once: whoever emits must not be entered from inside its own call. */
  #giveUp(event: SharedEncoding, why: string): void {
    const message = this.#messageOf(event, why)
    event.ledger?.slow()
    this.close()
    this.#timer = this.#core.environment.setTimer(0, () => this.#events.peerIsSlow(message))
  }

  #messageOf({ event }: Waiting, why: string): string {
    return `the peer does not read its events (${event}): ${why}, and ${this.#waiting.bytes} bytes of events and ${this.#waiting.gapBytes} of gaps wait`
  }

  #send(): void {
    if (this.#isSending) return
    this.#isSending = true
    const { writer, turn } = this.#core
    let bytes = 0
    while (!writer.blocked && !turn.isUsedUp && bytes < burstBytes) {
      const next = this.#waiting.next()
      if (next === undefined) break
      if (next instanceof QueuedGap) {
        const { event, topic, events, position } = next
        writer.send({ kind: 'gap', event, topic, events, position }, 'own')
      } else {
        bytes += next.payload.length
        writer.sendPayload(next.payload, 'own')
        next.release()
        turn.count(next.payload.length)
      }
    }
    this.#isSending = false
    if (this.#waiting.isEmpty) this.#allSent()
    else if (!writer.blocked && !turn.isUsedUp) inMicrotask(() => this.drained())
  }

  #allSent(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#wasLate = false
    this.#settle(true)
    this.#settlePatient(true)
    this.#events.noEventWaits()
  }

  #settle(sent: boolean): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const resolve of waiters) resolve(sent)
  }

  #settlePatient(sent: boolean): void {
    const waiters = this.#patient
    this.#patient = []
    for (const resolve of waiters) resolve(sent)
  }

  /** Looks when what waits longest has waited for too long. */
  #watch(): void {
    if (this.#timer !== undefined || this.#isDetached) return
    const longest = this.#longestWaiting
    if (longest === undefined) return
    const { environment, limits } = this.#core
    const leftMs = limits.slowSubscriberMs - this.#waitedMs(longest)
    this.#timer = environment.setTimer(leftMs, () => this.#look())
  }

  /** Of what the peer is judged by: the events, and the gaps when there are too many. */
  get #longestWaiting(): Waiting | undefined {
    const { oldest } = this.#waiting
    const gap = this.#hasTooManyGaps ? this.#waiting.oldestGap : undefined
    if (oldest === undefined || gap === undefined) return oldest ?? gap
    return gap.waitingSinceMs < oldest.waitingSinceMs ? gap : oldest
  }

  #isLate(waiting: Waiting): boolean {
    return this.#waitedMs(waiting) >= this.#core.limits.slowSubscriberMs
  }

  /** The time without a connection does not count, and that on a silent one. */
  #waitedMs({ waitingSinceMs }: Waiting): number {
    const sinceMs = Math.max(waitingSinceMs, this.#resumedAtMs)
    return Math.max(0, this.#core.environment.nowMs() - sinceMs - this.#events.silentMs)
  }

  #look(): void {
    this.#timer = undefined
    const longest = this.#longestWaiting
    if (longest === undefined) return
    if (!this.#isLate(longest)) {
      this.#wasLate = false
      this.#watch()
    } else if (!this.#wasLate) {
      this.#wasLate = true
      const { environment, limits } = this.#core
      this.#timer = environment.setTimer(limits.slowSubscriberMs * lookAgainPart, () => this.#look())
    } else this.#judge()
  }

  /** Events that are late are dropped. One that may not be ends the session, and so do too many gaps. */
  #judge(): void {
    this.#wasLate = false
    this.#waiting.tidy()
    const { slowSubscriberMs } = this.#core.limits
    for (let late = this.#longestWaiting; late !== undefined; late = this.#longestWaiting) {
      if (!this.#isLate(late)) break
      if (late instanceof QueuedGap || late.whenSlow !== 'dropOldest') {
        const what = late instanceof QueuedGap ? 'too many gaps' : 'one'
        late.ledger?.slow()
        this.#events.peerIsSlow(
          this.#messageOf(late, `${what} waited for longer than slowSubscriberMs ${slowSubscriberMs}`),
        )
        return
      }
      this.#drop()
    }
    this.#watch()
  }
}
