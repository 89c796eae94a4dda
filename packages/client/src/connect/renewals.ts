import type { Body } from '@frameport/protocol/envelope'
import type { SessionTimer } from '@frameport/protocol/session'

/** One pending renewal of the credentials of a client. */
export class Renewal {
  /** Absent: the result of the function `auth`. */
  readonly given: Body | undefined
  readonly settled: Promise<void>
  /** The credentials to send: those of a hello, if one has contained them. */
  body: Body | undefined
  /** The function was called for a hello after the renewal had begun, so its result is new. */
  isAskedFor = false
  /** The timer of the caller. It runs only while the server could answer. */
  timer: SessionTimer | undefined
  /**
   * The caller no longer waits. Credentials given explicitly are still the newest, and the next hello contains them.
   */
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
 * The pending renewals of a client, in the order of the calls. The newest is sent. Earlier ones wait in case it is
 * refused, and are settled when it is accepted, because the server then has newer credentials than theirs.
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
   * Starts the timer of each pending renewal that has none.
   *
   * @param start starts a timer that calls back when the time is over
   */
  waitFor(start: (late: () => void) => SessionTimer, lateness: () => unknown): void {
    for (const renewal of this.#open)
      if (renewal.timer === undefined && !renewal.isLate)
        renewal.timer = start(() => this.#late(renewal, lateness()))
  }

  /** Called when there is no connection on which a server could answer. The time starts again with the next one. */
  stopWaiting(): void {
    for (const renewal of this.#open) {
      renewal.timer?.cancel()
      renewal.timer = undefined
    }
  }

  has(renewal: Renewal): boolean {
    return this.#open.includes(renewal)
  }

  /** Called when the function `auth` is called for a hello. */
  askedForHello(): void {
    for (const renewal of this.#open) renewal.isAskedFor = true
  }

  /** Called when the server has accepted the renewal. */
  taken(renewal: Renewal): void {
    for (const each of this.#open.splice(0, this.#open.indexOf(renewal) + 1)) {
      each.timer?.cancel()
      each.settle()
    }
  }

  /** Called when the renewal failed. Earlier ones have not failed. */
  failed(renewal: Renewal, error: unknown): void {
    if (!this.#drop(renewal)) return
    renewal.timer?.cancel()
    renewal.reject(error)
  }

  /** Called when the function has failed. All renewals that waited for it fail. */
  askFailed(error: unknown): void {
    for (const renewal of [...this.#open]) if (renewal.body === undefined) this.failed(renewal, error)
  }

  /** Called when there will be no further connection. */
  end(error: unknown): void {
    for (const renewal of this.#open.splice(0)) {
      renewal.timer?.cancel()
      renewal.reject(error)
    }
  }

  /**
   * A slow server has refused nothing, so credentials stay pending. Two kinds are dropped: those that the function has
   * not returned yet, because it is called again for a hello, and those that newer ones follow.
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

  /** @returns whether it was pending */
  #drop(renewal: Renewal): boolean {
    const at = this.#open.indexOf(renewal)
    if (at >= 0) this.#open.splice(at, 1)
    return at >= 0
  }
}
