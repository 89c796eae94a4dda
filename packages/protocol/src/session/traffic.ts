import type { IncomingCalls } from './calls/incoming-calls.ts'
import type { OutgoingCalls } from './calls/outgoing-calls.ts'
import { nextTurn } from './common/turns.ts'
import type { EventSending } from './events/no-event-sender.ts'
import { answersPileUp, ReceiveGate } from './flow/receive-gate.ts'
import type { SessionCore } from './flow/session-core.ts'
import type { TurnBudgetEvents } from './flow/turn-budget.ts'
import type { Link } from './link/link.ts'
import type { Resumption } from './resume/resumption.ts'

export interface TrafficEvents {
  /** The peer has read none of its answers for too long. */
  answersUnread(): void
}

/**
 * Lets the traffic of a session run as fast as its connection, its peer and its turn of the event loop allow: waiting
 * data is sent when the reason to wait is over, and meanwhile this side does not read what it could not answer.
 */
export class Traffic implements TurnBudgetEvents {
  // `serve` sets these five while the session is created, because its parts need each other.
  #core!: SessionCore
  #calls!: { readonly outgoing: OutgoingCalls; readonly incoming: IncomingCalls }
  #events!: EventSending
  #resume: Resumption | undefined
  #owner!: TrafficEvents
  #link: Link | undefined
  /** Created when answers pile up: most peers read theirs. */
  #gate: ReceiveGate | undefined
  /**
   * In each turn, received data is read before anything is sent. Otherwise streams that never pause would use up each
   * turn before a byte is read, and the peer could not cancel them, or end.
   */
  #readsFirst = true
  #isEnding = false
  #isOver = false
  /** Whether pieces had to wait for items. */
  #bodiesFirst = false

  /** Sets the parts that this object serves. */
  serve(
    core: SessionCore,
    calls: { readonly outgoing: OutgoingCalls; readonly incoming: IncomingCalls },
    events: EventSending,
    resume: Resumption | undefined,
    owner: TrafficEvents,
  ): void {
    this.#core = core
    this.#calls = calls
    this.#events = events
    this.#resume = resume
    this.#owner = owner
  }

  attach(link: Link): void {
    this.#link = link
  }

  /** The link is gone, and another one may follow. */
  detach(): void {
    this.#gate?.stop()
    this.#gate = undefined
    this.#link = undefined
  }

  /** The link may wait for the turn of its former session: it now waits for that of this one. */
  tookOver(): void {
    if (this.#core.turn.isUsedUp) this.#link?.pause('turn')
    else this.#link?.resume('turn')
  }

  /** The peer has acknowledged data that filled the session, or some of the data that is sent again. */
  acknowledged(): void {
    if (this.#caughtUp()) {
      this.#core.writer.drained()
      this.#core.answers.goOn()
      this.#goOn()
    }
    this.#core.memory.look()
  }

  /** The session continues over a new link, on which data to send again comes first. */
  resumed(): void {
    const { writer, turn } = this.#core
    writer.reconnected(this.#resume?.catchUp() === false)
    if (turn.isUsedUp) this.#link?.pause('turn')
    else if (!writer.blocked) {
      this.#core.answers.goOn()
      this.#goOn()
    }
  }

  /** The memory of bytes that arrived and were not delivered yet. */
  get frameBytes(): number {
    return this.#link?.heldMemoryBytes ?? 0
  }

  /**
   * The time for which the peer has sent and taken nothing while this side reads; 0 if that is unknown. Limits for a
   * slow reader do not count this time: the heartbeat detects a peer that is gone, and `stalledTimeoutMs` applies while
   * this side does not read. Both end the connection, but not a session that may continue over another one.
   */
  get silentMs(): number {
    return Math.max(this.#gate?.silentMs ?? 0, this.#link?.silentMs ?? 0)
  }

  /** True if data other than events waits to be sent. */
  get othersWait(): boolean {
    const { answers, bodies, items } = this.#core
    return answers.areWaiting || bodies.waitingBytes > 0 || items.areWaiting
  }

  /** Settles when the queue of the connection has fallen, or is gone. */
  drained(): Promise<void> {
    return this.#link?.drained() ?? Promise.resolve()
  }

  /** Bytes have arrived, and their frames follow. */
  received(): void {
    this.#core.memory.look()
    this.#core.turn.countChunk()
  }

  /** The peer was answered. It may have to read some answers first. */
  answered(): void {
    if (this.#gate === undefined) {
      if (this.#link === undefined || this.#isEnding || !answersPileUp(this.#core)) return
      this.#gate = new ReceiveGate(this.#core, this.#link, () => this.#owner.answersUnread())
    }
    this.#gate.check()
  }

  /** The queue of the connection has fallen after a `full` verdict. */
  queueFell(): void {
    if (this.#caughtUp()) {
      this.#core.writer.drained()
      this.#core.answers.goOn()
      this.#goOn()
    }
    this.#core.memory.look()
  }

  /** Long bodies were sent or dropped: the peer may have room for the inputs of queued calls. */
  bodiesWentOn(): void {
    this.#calls.outgoing.sendWaiting()
  }

  turnIsOver(): void {
    this.#link?.pause('turn')
  }

  turnHasCome(): void {
    this.#link?.resume('turn')
    this.#readsFirst = !this.#readsFirst
    if (this.#readsFirst) nextTurn(this.#core.environment, () => this.#sendInTurn())
    else this.#sendInTurn()
  }

  /** The session ends: what still arrives is read in its turns, and discarded. */
  stopTimers(): void {
    this.#isEnding = true
    this.#gate?.stop()
  }

  /** The connection is gone, or about to be. */
  stop(): void {
    this.#isOver = true
    this.#core.turn.stop()
    this.#link?.resume('turn')
  }

  #sendInTurn(): void {
    if (this.#isOver || this.#core.turn.isUsedUp || !this.#caughtUp()) return
    this.#core.answers.goOn()
    this.#goOn()
  }

  /** @returns false while data must be sent again, before all else */
  #caughtUp(): boolean {
    if (this.#resume?.isBehind !== true) return true
    if (!this.#resume.catchUp()) return false
    this.#core.writer.drained()
    return true
  }

  /**
   * Continues with waiting data. Pieces of long bodies could fill the connection each time before the next item exists,
   * which its producer yields a little later. So every other time they leave the room to items.
   */
  #goOn(): void {
    this.#calls.outgoing.sendWaiting()
    this.#events.drained()
    if (this.#bodiesFirst) this.#pump()
    const itemsCome = this.#core.items.goOn()
    if (!itemsCome) this.#pump()
    else if (this.#core.bodies.waitingBytes !== 0) nextTurn(this.#core.environment, () => this.#pump())
  }

  #pump(): void {
    const { bodies, writer } = this.#core
    this.#bodiesFirst = writer.blocked && bodies.waitingBytes > 0
    bodies.pump()
  }
}
