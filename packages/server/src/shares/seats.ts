import { inMicrotask } from '@frameport/framing/checks'

export interface SeatsOptions {
  readonly connectionsMax: number
  readonly detachedMax: number
  /** Nobody has a seat any more. */
  readonly emptied?: () => void
}

/**
 * - `connected`: it counts as a connection
 * - `arriving`: there was no seat for it, and it may turn out to be a client that comes back
 * - `detached`: its connection is lost, and it waits for its client
 */
type Standing = 'connected' | 'arriving' | 'detached' | 'left'

/**
 * How many connections there may be at once, of a server or of one share. A client that comes back is let in over that: its
 * old connection may still look alive, and those that are detached have been let in before. Nobody knows who comes back
 * until its hello has come, so that over the limit as many may arrive as there are sessions to come back to.
 */
export class Seats {
  readonly #options: SeatsOptions
  /** In the order in which they lost their connections. */
  readonly #detached = new Map<Seat, () => void>()
  #connected = 0
  #arriving = 0
  /** Of those that are connected. */
  #mayComeBack = 0
  #looksSoon = false

  constructor(options: SeatsOptions) {
    this.#options = options
  }

  /** Those that wait for their clients. */
  get detached(): number {
    return this.#detached.size
  }

  get isEmpty(): boolean {
    return this.#connected + this.#arriving + this.#detached.size === 0
  }

  get isFull(): boolean {
    return this.#connected >= this.#options.connectionsMax
  }

  /** Undefined when there are as many as there may be. */
  take(): Seat | undefined {
    if (!this.isFull) return new Seat(this, 'connected')
    if (this.#arriving < this.#mayComeBack + this.#detached.size) return new Seat(this, 'arriving')
    return undefined
  }

  /** A seat has changed. @param end ends one that is detached now, when there are too many */
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

  /** A session whose client is there already, with a new connection, is detached for a moment only. */
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

/** The seat of one connection, or of the session that it was the connection of. */
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

  /** @returns whether it counts as a connection: one that has arrived over the limit does when another has left meanwhile */
  settle(): boolean {
    if (this.#standing === 'arriving' && !this.#seats.isFull) this.#become('connected')
    return this.#standing !== 'arriving'
  }

  /** The client is let in. @param mayComeBack its session goes on without the connection */
  letIn(mayComeBack: boolean): void {
    if (this.#standing !== 'left') this.#become('connected', mayComeBack)
  }

  /** The connection is lost. @param end ends the session, when too many wait for their clients */
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
