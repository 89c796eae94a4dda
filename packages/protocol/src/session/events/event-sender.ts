import { inMicrotask } from '@frameport/framing/checks'
import { RpcError } from '../../rpc-error.ts'
import type { EmitVerdict, EventEncoding } from '../common/event-types.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import type { EventGap, SessionEvent } from '../common/session-messages.ts'
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
  /** True if data other than events waits to be sent. */
  readonly othersWait: boolean
  /** The peer does not keep up: the session has to end. */
  peerIsSlow(message: string): void
  /** No more events wait. */
  noEventWaits(): void
}

/**
 * The number of bytes by which events may be ahead of other data while both wait for a connection. It is also the
 * number that is sent before other waiting data (answers, pieces of bodies, items) may follow.
 */
const aheadBytesMax = 64 * 1024

/**
 * Sends events, no faster than the connection accepts them. Events without room wait here by reference. Whether the
 * peer keeps up depends on how long events wait, and is never judged within the turn in which they are emitted.
 *
 * Events and all other data have equal shares, in bytes, of a connection that has no room for both. The length of the
 * queue does not matter: for each other envelope that is sent, as many bytes of events follow it into the queue.
 */
export class EventSender implements SlowWatchEvents {
  readonly #core: SessionCore
  readonly #writer: EnvelopeWriter
  readonly #events: EventSenderEvents
  /** Created when an event waits: most subscribers take theirs at once. */
  #queue: EventQueue | undefined
  /** Created when an event waits. */
  #watch: SlowWatch | undefined
  #isSending = false
  #goesOnSoon = false
  /** The bytes of events minus those of all other data, since events began to wait. */
  #aheadBytes = 0
  /** True from the handshake until the session is about to end. */
  #isOpen = false
  /** Whether the session ends because its peer is slow. */
  #timer: SessionTimer | undefined
  /** The callers that wait until the emitted events were sent. */
  readonly #waiters = new EventWaiters()
  /** The callers that wait for room, on the next connection if there is none. */
  readonly #patient = new EventWaiters()
  /** There is no connection: the peer is not slow, and no caller waits for it. */
  #isDetached = false

  constructor(core: SessionCore, events: EventSenderEvents) {
    this.#core = core
    this.#writer = core.writer
    this.#events = events
  }

  /** The bytes that count for the waiting events. */
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

  /** Sends a gap instead of an event that the peer cannot accept. */
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
   * Other data of this many bytes was sent while events wait: as many bytes of events follow, even on a full
   * connection, because answers do not always wait for room.
   */
  sentBeside(bytes: number): void {
    if (this.#isSending) return
    this.#aheadBytes -= bytes
    if (this.#aheadBytes >= 0 || this.#writer.waitsForAck) return
    this.#sendWhile(() => this.#aheadBytes < 0)
    if (this.isWaiting) return
    this.#writer.eventsWait(undefined)
    // Deferred, because the data just sent may be the last of a call whose sender has not finished.
    inMicrotask(() => {
      if (this.#isOpen && !this.isWaiting) this.#allSent()
    })
  }

  /** Settles with true when nothing more waits, or with false if the session ended before that. */
  sent(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false)
    if (!this.isWaiting || this.#isDetached) return Promise.resolve(true)
    return this.#waiters.settled()
  }

  /** Like {@link sent}, but waits until the connection has room, or the next one if there is none. */
  drainedOnce(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false)
    if (!this.isWaiting && !this.#writer.blocked) return Promise.resolve(true)
    return this.#patient.settled()
  }

  /** The peer can be sent events. */
  open(): void {
    this.#isOpen = true
  }

  /** The connection is lost: waiting events are kept for the next one, and no caller waits for that. */
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

  /** The session is over: waiting and later events are lost. */
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

  /** @returns undefined if there is no room for it */
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

  /** From now on other data counts. */
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

  /** Whether a connected peer without room for the event is disconnected. */
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

  /** Gaps do not count against a peer as long as they are few. */
  #watchGaps(): void {
    if (this.#waiting.gapBytes > this.#core.limits.slowSubscriberBytesMax) this.#beginToWatch()
  }

  /** @returns whether one was dropped */
  #drop(): boolean {
    const dropped = this.#waiting.dropOldest()
    dropped?.leftOut()
    return dropped !== undefined
  }

  /** Deferred, because the caller of `emit` must not be called back from inside its own call. */
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

  /** Events are ahead: other waiting data may follow. Items follow slightly after they are released. */
  #goOnSoon(): void {
    if (this.#goesOnSoon) return
    this.#goesOnSoon = true
    const goOn = () => {
      this.#goesOnSoon = false
      // Events need not wait for data that is not waiting.
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
