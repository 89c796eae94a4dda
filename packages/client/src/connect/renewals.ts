import type { Body } from '@frameport/protocol/envelope'
import type { SessionTimer } from '@frameport/protocol/session'

/** Credentials that a client was told to give, until it is known what became of them. */
export class Renewal {
  /** Absent: what the function `auth` gives. */
  readonly given: Body | undefined
  readonly settled: Promise<void>
  /** What is given: what a hello has shown, where one has. */
  body: Body | undefined
  /** The function was asked for a hello after the renewal had begun: what it gave is new. */
  isAskedFor = false
  /** Runs while the server could answer: what is left of the time that somebody waits. */
  timer: SessionTimer | undefined
  /** Nobody waits any more. What was given by hand is still the newest, and the next hello shows it. */
  isLate = false
  settle!: () => void
  reject!: (error: unknown) => void

  constructor(given: Body | undefined) {
    this.given = given
    this.body = given
    this.settled = new Promise((resolve, reject) => {
      this.settle = resolve
      this.reject = reject
    })
  }
}

/**
 * The renewals of a client that are not settled, in the order in which they were asked for. The newest is given; those before it stand in line
 * for the case that it is refused, and are settled by it when it is taken: what they were to bring the server has something newer of.
 */
export class Renewals {
  readonly #open: Renewal[] = []

  get newest(): Renewal | undefined {
    return this.#open.at(-1)
  }

  add(given: Body | undefined): Renewal {
    const renewal = new Renewal(given)
    this.#open.push(renewal)
    if (given !== undefined) this.#dropLate()
    return renewal
  }

  /**
   * Lets each that waits do so for the time that `start` sets a timer for, unless its time runs already.
   *
   * @param start calls back when it is over
   */
  waitFor(start: (late: () => void) => SessionTimer, lateness: () => unknown): void {
    for (const renewal of this.#open)
      if (renewal.timer === undefined && !renewal.isLate)
        renewal.timer = start(() => this.#late(renewal, lateness()))
  }

  /** There is no connection on which a server could answer: their time begins anew with the next one. */
  stopWaiting(): void {
    for (const renewal of this.#open) {
      renewal.timer?.cancel()
      renewal.timer = undefined
    }
  }

  has(renewal: Renewal): boolean {
    return this.#open.includes(renewal)
  }

  /** The function `auth` is asked for a hello. */
  askedForHello(): void {
    for (const renewal of this.#open) renewal.isAskedFor = true
  }

  /** The server has taken it. */
  taken(renewal: Renewal): void {
    for (const each of this.#open.splice(0, this.#open.indexOf(renewal) + 1)) {
      each.timer?.cancel()
      each.settle()
    }
  }

  /** It has come to nothing. Those before it have not. */
  failed(renewal: Renewal, error: unknown): void {
    if (!this.#drop(renewal)) return
    renewal.timer?.cancel()
    renewal.reject(error)
  }

  /** The function has failed, for each that waited for it. */
  askFailed(error: unknown): void {
    for (const renewal of [...this.#open]) if (renewal.body === undefined) this.failed(renewal, error)
  }

  /** There will be no connection any more. */
  end(error: unknown): void {
    for (const renewal of this.#open.splice(0)) {
      renewal.timer?.cancel()
      renewal.reject(error)
    }
  }

  /**
   * A server that is slow has refused nothing. What was not given yet is dropped where it is the function's, which is asked again for a
   * hello, or where something newer stands behind it.
   */
  #late(renewal: Renewal, error: unknown): void {
    renewal.timer = undefined
    renewal.isLate = true
    renewal.reject(error)
    const behind = this.#open.slice(this.#open.indexOf(renewal) + 1)
    const isOutdated = behind.some(({ given }) => given !== undefined)
    if (renewal.body === undefined || isOutdated) this.#drop(renewal)
  }

  /** Nobody waits for those, and something newer was given. */
  #dropLate(): void {
    for (const renewal of [...this.#open]) if (renewal.isLate) this.#drop(renewal)
  }

  /** @returns whether it was there */
  #drop(renewal: Renewal): boolean {
    const at = this.#open.indexOf(renewal)
    if (at >= 0) this.#open.splice(at, 1)
    return at >= 0
  }
}
