import type { Body } from '@frameport/protocol/envelope'

/** Credentials that a client was told to give, until it is known what became of them. */
export class Renewal {
  /** Absent: what the function `auth` gives. */
  readonly given: Body | undefined
  readonly settled: Promise<void>
  /** What is given: what a hello has shown, where one has. */
  body: Body | undefined
  /** The function was asked for a hello after the renewal had begun: what it gave is new. */
  isAskedFor = false
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
    return renewal
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
    for (const each of this.#open.splice(0, this.#open.indexOf(renewal) + 1)) each.settle()
  }

  /** It has come to nothing. Those before it have not. */
  failed(renewal: Renewal, error: unknown): void {
    const at = this.#open.indexOf(renewal)
    if (at < 0) return
    this.#open.splice(at, 1)
    renewal.reject(error)
  }

  /** There will be no connection any more. */
  end(error: unknown): void {
    for (const renewal of this.#open.splice(0)) renewal.reject(error)
  }
}
