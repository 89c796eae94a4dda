import { inMicrotask } from '@frameport/framing/checks'

export interface SeatsOptions {
  readonly connectionsMax: number
  readonly detachedMax: number
  /** Called when the last seat is given up. */
  readonly emptied?: () => void
}

/**
 * - `connected`: it counts as a connection
 * - `arriving`: there was no free seat, but it may be a client that comes back
 * - `detached`: the connection is lost, and the session waits for its client
 */
type Standing = 'connected' | 'arriving' | 'detached' | 'left'

/**
 * Limits the number of connections of a server or of one share. A client that comes back is let in even above the
 * limit: its old connection may still be counted, and a detached session was let in before. The server only knows which
 * client it is after its first message, so above the limit as many connections may arrive as there are sessions to come
 * back to.
 */
export class Seats {
  readonly #options: SeatsOptions
  /** Detached seats, in the order in which they lost their connections, each with a function that ends the session. */
  readonly #detached = new Map<Seat, () => void>()
  #connected = 0
  #arriving = 0
  /** The number of connected seats whose clients may come back. */
  #mayComeBack = 0
  #looksSoon = false

  constructor(options: SeatsOptions) {
    this.#options = options
  }

  /** The number of detached sessions. */
  get detached(): number {
    return this.#detached.size
  }

  get isEmpty(): boolean {
    return this.#connected + this.#arriving + this.#detached.size === 0
  }

  get isFull(): boolean {
    return this.#connected >= this.#options.connectionsMax
  }

  /** Undefined if the limit is reached. */
  take(): Seat | undefined {
    if (!this.isFull) return new Seat(this, 'connected')
    if (this.#arriving < this.#mayComeBack + this.#detached.size) return new Seat(this, 'arriving')
    return undefined
  }

  /** A seat has changed. @param end ends the session of a seat that is now detached, if there are too many */
  changed(
    seat: Seat,
    before: Pick<Seat, 'standing' | 'mayComeBack'>,
    end: () => void = () => undefined,
  ): void {
    this.#count(before, -1)
    this.#count(seat, 1)
    this.#detached.delete(seat)
    if (seat.standing === 'detached') {
      this.#detached.set(seat, end)
      this.#lookSoon()
    }
    if (this.isEmpty) this.#options.emptied?.()
  }

  #count({ standing, mayComeBack }: Pick<Seat, 'standing' | 'mayComeBack'>, change: number): void {
    if (standing === 'arriving') this.#arriving += change
    if (standing !== 'connected') return
    this.#connected += change
    if (mayComeBack) this.#mayComeBack += change
  }

  /** Checks later, because a session whose client has already come back is only detached for a moment. */
  #lookSoon(): void {
    if (this.#looksSoon || this.#detached.size <= this.#options.detachedMax) return
    this.#looksSoon = true
    inMicrotask(() => {
      this.#looksSoon = false
      for (const [seat, end] of [...this.#detached]) {
        if (this.#detached.size <= this.#options.detachedMax) break
        seat.leave()
        end()
      }
    })
  }
}

/** The seat of one connection, or of its detached session. */
export class Seat {
  readonly #seats: Seats
  #standing: Standing = 'left'
  #mayComeBack = false

  constructor(seats: Seats, standing: Standing) {
    this.#seats = seats
    this.#become(standing)
  }

  get standing(): Standing {
    return this.#standing
  }

  get mayComeBack(): boolean {
    return this.#mayComeBack
  }

  /** @returns whether it counts as a connection. One that arrived above the limit does if another one has left since */
  settle(): boolean {
    if (this.#standing === 'arriving' && !this.#seats.isFull) this.#become('connected')
    return this.#standing !== 'arriving'
  }

  /** The client is let in. @param mayComeBack whether its session can outlive the connection */
  letIn(mayComeBack: boolean): void {
    if (this.#standing !== 'left') this.#become('connected', mayComeBack)
  }

  /** The connection is lost. @param end ends the session, if too many are detached */
  detach(end: () => void): void {
    if (this.#standing !== 'left') this.#become('detached', true, end)
  }

  /** Idempotent. */
  leave(): void {
    if (this.#standing !== 'left') this.#become('left')
  }

  #become(standing: Standing, mayComeBack = false, end?: () => void): void {
    const before = { standing: this.#standing, mayComeBack: this.#mayComeBack }
    this.#standing = standing
    this.#mayComeBack = mayComeBack
    this.#seats.changed(this, before, end)
  }
}
