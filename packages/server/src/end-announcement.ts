import { timerMsMax } from '@frameport/protocol/checks'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'

/** A connection whose client can be asked to go elsewhere. */
export interface AnnouncedConnection {
  announceEnd(): void
}

/**
 * The part of `announceMs` over which the requests are spread, because clients that are asked at the same time also
 * connect to the other servers at the same time.
 */
const spreadPart = 1 / 2

/** The longest time over which the requests are spread. */
const spreadMsMax = 30_000

/** The number of steps in which they are sent. */
const steps = 64

/** The first step of closing a server: it serves as before, and asks its clients to make their new calls elsewhere. */
export class EndAnnouncement {
  /** Settles when the time is over. Never rejects. */
  readonly over: Promise<void>
  readonly #environment: SessionEnvironment
  readonly #untold: Set<AnnouncedConnection>
  readonly #toldEach: number
  readonly #stepMs: number
  #untilMs: number
  #timer: SessionTimer | undefined
  #end: () => void = () => undefined

  /** @param connections the current connections; later ones are given to {@link announce} */
  constructor(
    environment: SessionEnvironment,
    connections: Iterable<AnnouncedConnection>,
    announceMs: number,
  ) {
    this.#environment = environment
    this.#untold = new Set(connections)
    this.#toldEach = Math.ceil(this.#untold.size / steps)
    this.#stepMs = Math.min(announceMs * spreadPart, spreadMsMax) / steps
    this.#untilMs = environment.nowMs() + announceMs
    this.over = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#step()
  }

  /** A client was let in during the announcement, or has come back. */
  announce(connection: AnnouncedConnection): void {
    this.#untold.delete(connection)
    connection.announceEnd()
  }

  /** Ends the announcement in `announceMs` at the latest. */
  endWithin(announceMs: number): void {
    const untilMs = this.#environment.nowMs() + announceMs
    if (untilMs >= this.#untilMs) return
    this.#untilMs = untilMs
    this.#timer?.cancel()
    this.#wait()
  }

  #step(): void {
    const next = [...this.#untold].slice(0, this.#toldEach)
    for (const connection of next) this.announce(connection)
    this.#wait()
  }

  #wait(): void {
    const leftMs = this.#untilMs - this.#environment.nowMs()
    if (leftMs <= 0) {
      this.#end()
      return
    }
    const stepMs = this.#untold.size > 0 ? this.#stepMs : leftMs
    this.#timer = this.#environment.setTimer(Math.min(stepMs, leftMs, timerMsMax), () => this.#step())
  }
}
