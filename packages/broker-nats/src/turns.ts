import { NatsBrokerError } from './nats-broker-error.ts'
import { startTimer } from './timer.ts'

/** Limits how many tasks run at once. Others wait for their turn, in order of arrival, for a limited time. */
export class Turns {
  readonly #runningMax: number
  readonly #timeoutMs: number
  readonly #line = new Set<() => void>()
  #running = 0

  constructor(runningMax: number, timeoutMs: number) {
    this.#runningMax = runningMax
    this.#timeoutMs = timeoutMs
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#runningMax) await this.#turn()
    else this.#running += 1
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stopTimer = startTimer(this.#timeoutMs, () => {
        this.#line.delete(begin)
        reject(
          new NatsBrokerError(
            'BROKER_SILENT',
            `Earlier readings of logs took longer than ${this.#timeoutMs} ms.`,
          ),
        )
      })
      const begin = () => {
        stopTimer()
        resolve()
      }
      this.#line.add(begin)
    })
  }

  /** Passes the turn to the next one in the queue. */
  #leave(): void {
    const [next] = this.#line
    if (next === undefined) {
      this.#running -= 1
      return
    }
    this.#line.delete(next)
    next()
  }
}
