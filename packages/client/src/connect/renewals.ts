import type { Body } from '@frameport/protocol/envelope'
import type { SessionTimer } from '@frameport/protocol/session'

/** One renewal of credentials that a client was asked to give, until its outcome is known. */
export class Renewal {
  /** Absent: the result of the function `auth`. */
  readonly given: Body | undefined
  readonly settled: Promise<void>
  /** The credentials to give: those of a hello, if one has shown some. */
  body: Body | undefined
  /** The function was called for a hello after the renewal had begun, so its result is new. */
  isAskedFor = false
  /** Runs while the server could answer: the rest of the time for which the caller waits. */
  timer: SessionTimer | undefined
  /** No caller waits any more. Credentials given explicitly are still the newest, and the next hello shows them. */
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
 * The pending renewals of a client, in the order of the calls. The newest is given; earlier ones wait in case it is refused,
 * and are settled when it is accepted, because the server then has newer credentials than theirs.
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

  /** There is no connection on which a server could answer: the time starts again with the next one. */
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

  /** The renewal failed; earlier ones have not. */
  failed(renewal: Renewal, error: unknown): void {
    if (!this.#drop(renewal)) return
    renewal.timer?.cancel()
    renewal.reject(error)
  }

  /** The function has failed, for each that waited for it. */
  askFailed(error: unknown): void {
    for (const renewal of [...this.#open]) if (renewal.body === undefined) this.failed(renewal, error)
  }

  /** There will be no further connection. */
  end(error: unknown): void {
    for (const renewal of this.#open.splice(0)) {
      renewal.timer?.cancel()
      renewal.reject(error)
    }
  }

  /**
   * A slow server has refused nothing. Credentials that were not given yet are dropped if they came from the function, which is called again for a
   * hello, or if newer ones follow.
   */
  #late(renewal: Renewal, error: unknown): void {
    renewal.timer = undefined
    renewal.isLate = true
    renewal.reject(error)
    const behind = this.#open.slice(this.#open.indexOf(renewal) + 1)
    const isOutdated = behind.some(({ given }) => given !== undefined)
    if (renewal.body === undefined || isOutdated) this.#drop(renewal)
  }

  /** Drops late renewals for which newer credentials were given. */
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
