import type { ContractEvent } from '@frameport/protocol'
import { InTurns, type SessionHost, type SessionShare } from '@frameport/protocol/session'
import type { LogPosition } from '../event-log.ts'
import type { ClientMemory } from '../events/connection-subscriptions.ts'
import { CatchUp, type CatchUpServices, type LoggedSubscription, type LogReader } from './catch-up.ts'

/** The resources of a connection that reading logs for it uses. */
export interface ReplayRoom {
  readonly turns: SessionHost['turns']
  /** The limits of a session for one turn of the event loop. */
  readonly turnLimits: { readonly ms: number; readonly stepsMax: number }
  readonly share: Pick<SessionShare, 'key'>
  readonly memory: ClientMemory
}

/**
 * Sends one connection the events that logs have for it. It reads one page of one topic after the other, so that at
 * most one page is held and no topic waits for the whole of another. Each turn of the event loop sends as many events
 * as a session may handle, and only as fast as the client reads.
 */
export class Replays {
  readonly #services: CatchUpServices
  readonly #reader: LogReader
  readonly #room: ReplayRoom
  readonly #inTurns: InTurns
  readonly #waiting: CatchUp[] = []
  #isRunning = false

  constructor(services: CatchUpServices, reader: LogReader, room: ReplayRoom) {
    this.#services = services
    this.#reader = reader
    this.#room = room
    const { turns, turnLimits: limits, share } = room
    this.#inTurns = new InTurns({ turns, limits, share })
  }

  catchUp(
    of: Pick<LoggedSubscription, 'event' | 'topic' | 'log'>,
    position: LogPosition | undefined,
  ): CatchUp {
    const subscription = {
      ...of,
      reader: this.#reader,
      fellBehind: (catchUp: CatchUp) => this.#startAgain(catchUp),
    }
    return new CatchUp(subscription, position, this.#services)
  }

  /** Sends a gap: it is unknown which events came after a position. */
  gap({ wireName: event }: ContractEvent, topic: string): void {
    this.#reader.sendGap({ event, topic, events: 0 })
  }

  /**
   * Sends the events of the log when it is the turn of this topic, and then published events; only those if the log has
   * nothing new.
   */
  start(catchUp: CatchUp): void {
    if (catchUp.isAtEnd) {
      catchUp.goLive()
      return
    }
    this.#waiting.push(catchUp)
    if (this.#isRunning || !this.#takeMemory()) return
    this.#isRunning = true
    this.#next()
  }

  /** Waits for room first, because a page would be held until then. */
  #startAgain(catchUp: CatchUp): void {
    void this.#reader.eventsDrained().then((isThere) => {
      if (isThere) this.start(catchUp)
    })
  }

  /** @returns false if there is no memory for a page: then all waiting subscriptions receive a gap */
  #takeMemory(): boolean {
    if (this.#room.memory.takeMemory(this.#pageBytes) === undefined) return true
    for (const catchUp of this.#waiting.splice(0)) catchUp.giveUp()
    return false
  }

  get #pageBytes(): number {
    return this.#services.limits.logPageBytes
  }

  #next(): void {
    const next = this.#waiting.shift()
    if (next !== undefined) this.#inTurns.add(this.#steps(next))
    else {
      this.#isRunning = false
      this.#room.memory.giveMemory(this.#pageBytes)
    }
  }

  *#steps(catchUp: CatchUp): Generator<void> {
    for (;;) {
      if (this.#waiting.length > 0 && catchUp.pause()) {
        this.#waiting.push(catchUp)
        this.#next()
        return
      }
      const waits = this.#step(catchUp)
      if (waits === 'done') {
        this.#next()
        return
      }
      if (waits !== undefined) {
        void waits.then((goesOn) => {
          if (goesOn) this.#inTurns.add(this.#steps(catchUp))
          else this.#next()
        })
        return
      }
      yield
    }
  }

  #step(catchUp: CatchUp): ReturnType<CatchUp['step']> {
    try {
      return catchUp.step()
    } catch (err) {
      this.#services.log.error({ connection: this.#reader.id, err }, 'an event of a log could not be sent')
      catchUp.giveUp()
      return 'done'
    }
  }
}
