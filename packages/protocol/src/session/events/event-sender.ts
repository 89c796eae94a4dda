import { inMicrotask } from '@frameport/framing/checks'
import { RpcError } from '../../rpc-error.ts'
import type { EmitVerdict, EventEncoding } from '../common/event-types.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import type { EventGap, SessionEvent } from '../common/session-types.ts'
import { nextTurn } from '../common/turns.ts'
import type { EnvelopeWriter } from '../flow/envelope-writer.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { type SharedEncoding, sharedEncoding } from './event-encoding.ts'
import { EventQueue, gapHeaderBytes, QueuedGap } from './event-queue.ts'
import { EventWaiters } from './event-waiters.ts'
import { type EventOrGap, SlowWatch, type SlowWatchEvents } from './slow-watch.ts'

export interface EventSenderEvents {
  /** See `Traffic.silentMs`. */
  readonly silentMs: number
  /** Something beside events waits to be sent. */
  readonly othersWait: boolean
  /** The peer does not keep up: the session has to end. */
  peerIsSlow(message: string): void
  /** No event waits any more. */
  noEventWaits(): void
}

/**
 * How far events may be ahead of what else goes out while both wait for a connection. It is also what is sent in one go,
 * before what waits beside events (answers, pieces of bodies, items) has its turn.
 */
const aheadBytesMax = 64 * 1024

/**
 * Sends events, no faster than the connection takes them. What it has no room for waits here by reference. Whether the
 * peer keeps up is judged by how long events wait, and never within the turn in which they are emitted.
 *
 * Events and all else that the session sends have equal shares of a connection that has not room for both, in bytes. How
 * long its queue is makes no difference: for each envelope that goes out beside them, as many bytes of events follow it into the queue.
 */
export class EventSender implements SlowWatchEvents {
  readonly #core: SessionCore
  readonly #writer: EnvelopeWriter
  readonly #events: EventSenderEvents
  /** Made when something waits: most subscribers take theirs at once. */
  #queue: EventQueue | undefined
  /** Made when something waits. */
  #watch: SlowWatch | undefined
  #isSending = false
  #goesOnSoon = false
  /** Bytes of events less those of all else, since events began to wait. */
  #aheadBytes = 0
  /** From the handshake on, until it is settled that the session ends. */
  #isOpen = false
  /** The session ends, for a peer that is slow. */
  #timer: SessionTimer | undefined
  /** Those who wait until what is emitted was sent. */
  readonly #waiters = new EventWaiters()
  /** Those who wait for room, on the next connection where there is none. */
  readonly #patient = new EventWaiters()
  /** There is no connection: nobody is slow, and nobody is waited for. */
  #isDetached = false

  constructor(core: SessionCore, events: EventSenderEvents) {
    this.#core = core
    this.#writer = core.writer
    this.#events = events
  }

  /** What the events that wait count. */
  get bytesWaiting(): number {
    return this.#queue?.bytes ?? 0
  }

  get isWaiting(): boolean {
    return this.#queue?.isEmpty === false
  }

  get silentMs(): number {
    return this.#events.silentMs
  }

  /** @throws RpcError INVALID_ARGUMENT; RESOURCE_EXHAUSTED for more than the peer takes. Nothing was sent then */
  emit(given: SessionEvent | EventEncoding): EmitVerdict {
    if (!this.#isOpen) return 'closed'
    const event = sharedEncoding(given)
    return this.#take(event) ?? this.#leaveOut(event)
  }

  /** @throws RpcError RESOURCE_EXHAUSTED for more than the peer takes. Nothing was sent then */
  emitIfRoom(given: EventEncoding): EmitVerdict | undefined {
    if (!this.#isOpen) return 'closed'
    const event = sharedEncoding(given)
    return this.#take(event) ?? (this.#endsFor(event) ? this.#leaveOut(event) : undefined)
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
    this.#writer.check({ kind: 'gap', ...gap })
    this.#beginToWait()
    this.#waiting.addGap(gap)
    this.#send()
    this.#watchGaps()
  }

  /** The connection has room again. */
  drained(): void {
    if (this.isWaiting) this.#send()
    else if (!this.#writer.blocked) this.#patient.settle(true)
  }

  /**
   * Something else has gone out, of so many bytes, while events wait: as many of theirs follow. They do so on a connection that is full,
   * too, because answers do not always wait for room.
   */
  sentBeside(bytes: number): void {
    if (this.#isSending) return
    this.#aheadBytes -= bytes
    if (this.#aheadBytes >= 0 || this.#writer.waitsForAck) return
    this.#sendWhile(() => this.#aheadBytes < 0)
    if (this.isWaiting) return
    this.#writer.eventsWait(undefined)
    // Not at once: what has just gone out may be the last of a call, and whoever sent it is not done yet.
    inMicrotask(() => {
      if (this.#isOpen && !this.isWaiting) this.#allSent()
    })
  }

  /** Settles with true when nothing waits any more, with false when the session ended before that. */
  sent(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false)
    if (!this.isWaiting || this.#isDetached) return Promise.resolve(true)
    return this.#waiters.settled()
  }

  /** As {@link sent}, and waits until the connection has room, for the next one while there is none. */
  drainedOnce(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false)
    if (!this.isWaiting && !this.#writer.blocked) return Promise.resolve(true)
    return this.#patient.settled()
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
    this.#watch?.end()
    this.#waiters.settle(true)
  }

  /** There is another connection. */
  resumed(): void {
    this.#isDetached = false
    if (this.isWaiting) this.#slowWatch.resumed()
  }

  /** The session is over: what waits is lost, and what is emitted. */
  close(): void {
    this.#isOpen = false
    this.#timer?.cancel()
    this.#timer = undefined
    this.#watch?.end()
    this.#queue?.clear()
    this.#writer.eventsWait(undefined)
    this.#waiters.settle(false)
    this.#patient.settle(false)
  }

  /** @returns undefined when there is no room for it */
  #take(event: SharedEncoding): EmitVerdict | undefined {
    const writer = this.#writer
    checkLength(event, writer)
    if (!this.isWaiting && !writer.blocked) return writer.sendPayload(event.payload, 'own')
    return this.#wait(event)
  }

  #wait(event: SharedEncoding): 'waiting' | undefined {
    const { slowSubscriberBytesMax } = this.#core.limits
    const isOver = () => this.#waiting.bytes + event.bytes > slowSubscriberBytesMax
    if (event.whenSlow === 'dropOldest') while (isOver() && this.#drop());
    this.#beginToWait()
    if (isOver() || !this.#waiting.add(event)) {
      if (!this.isWaiting) this.#writer.eventsWait(undefined)
      return undefined
    }
    this.#beginToWatch()
    return 'waiting'
  }

  /** From here on what goes out beside the events counts. */
  #beginToWait(): void {
    if (this.isWaiting) return
    this.#aheadBytes = 0
    this.#writer.eventsWait(this)
  }

  #leaveOut(event: SharedEncoding): 'leftOut' {
    event.leftOut()
    if (this.#endsFor(event)) this.#giveUp(event, 'there is no room for an event that must not be lost')
    else this.#gap(event)
    return 'leftOut'
  }

  /** Whether a peer that is there, and has no room for the event, is given up. */
  #endsFor({ whenSlow }: SharedEncoding): boolean {
    return whenSlow === 'disconnect' && !this.#isDetached && this.#events.silentMs === 0
  }

  #gap(event: SharedEncoding): void {
    this.#beginToWait()
    this.#waiting.leaveOut(event)
    this.#send()
    this.#watchGaps()
  }

  get #waiting(): EventQueue {
    this.#queue ??= new EventQueue(() => this.#core.environment.nowMs())
    return this.#queue
  }

  get #slowWatch(): SlowWatch {
    this.#watch ??= new SlowWatch(this.#core, this.#waiting, this)
    return this.#watch
  }

  #beginToWatch(): void {
    if (!this.#isDetached) this.#slowWatch.begin()
  }

  /** Gaps judge nobody as long as they are few. */
  #watchGaps(): void {
    if (this.#waiting.gapBytes > this.#core.limits.slowSubscriberBytesMax) this.#beginToWatch()
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

  #messageOf({ event }: EventOrGap, why: string): string {
    return `the peer does not read its events (${event}): ${why}, with ${this.#waiting.bytes} bytes of events and ${this.#waiting.gapBytes} of gaps waiting`
  }

  #send(): void {
    if (this.#isSending) return
    const writer = this.#writer
    this.#sendWhile(() => !writer.blocked && this.#aheadBytes < aheadBytesMax)
    if (!this.isWaiting) this.#allSent()
    else if (!writer.blocked && !this.#core.turn.isUsedUp) this.#goOnSoon()
  }

  /** Events are ahead. What waits beside them has its turn, which items take a little later than they are let go. */
  #goOnSoon(): void {
    if (this.#goesOnSoon) return
    this.#goesOnSoon = true
    const goOn = () => {
      this.#goesOnSoon = false
      // Events owe nothing to what is not there.
      if (!this.#writer.blocked) this.#aheadBytes = Math.min(this.#aheadBytes, 0)
      this.drained()
    }
    if (this.#events.othersWait) nextTurn(this.#core.environment, goOn)
    else inMicrotask(goOn)
  }

  #sendWhile(mayGoOn: () => boolean): void {
    const { turn } = this.#core
    this.#isSending = true
    while (!turn.isUsedUp && mayGoOn()) {
      const next = this.#waiting.next()
      if (next === undefined) break
      this.#sendNext(next)
    }
    this.#isSending = false
  }

  #sendNext(next: EventOrGap): void {
    const { turn } = this.#core
    const writer = this.#writer
    if (next instanceof QueuedGap) {
      const { event, topic, events, position } = next
      writer.send({ kind: 'gap', event, topic, events, position }, 'own')
      this.#aheadBytes += gapHeaderBytes + event.length + topic.length
      return
    }
    writer.sendPayload(next.payload, 'own')
    next.release()
    this.#aheadBytes += next.payload.length
    turn.count(next.payload.length)
  }

  #allSent(): void {
    this.#watch?.end()
    this.#writer.eventsWait(undefined)
    this.#waiters.settle(true)
    this.#patient.settle(true)
    this.#events.noEventWaits()
  }

  /** See {@link SlowWatchEvents}. */
  dropLate(): void {
    this.#drop()
  }

  /** See {@link SlowWatchEvents}. */
  isSlow(late: EventOrGap, why: string): void {
    late.ledger?.slow()
    this.#events.peerIsSlow(this.#messageOf(late, why))
  }
}

/** @throws RpcError RESOURCE_EXHAUSTED for more than the peer takes */
function checkLength({ payload, bodyBytes }: SharedEncoding, writer: EnvelopeWriter): void {
  const { peerBodyBytesMax: bodyMax, peerFrameBytesMax: frameMax } = writer
  if (bodyMax !== undefined && bodyBytes > bodyMax)
    throw new RpcError(
      'RESOURCE_EXHAUSTED',
      `the event has ${bodyBytes} bytes, and the peer accepts ${bodyMax}: send less, or raise bodyBytesMax there`,
    )
  if (frameMax !== undefined && payload.length > frameMax)
    throw new RpcError(
      'RESOURCE_EXHAUSTED',
      `the event has ${payload.length} bytes, cannot be divided, and the peer accepts frames of ${frameMax}`,
    )
}
