/**
 * The callers that wait for one state of a session's events. The list exists only while a caller waits: most sessions
 * never have one.
 */
export class EventWaiters {
  #waiting: ((sent: boolean) => void)[] | undefined

  /** Settles with the argument of the next {@link settle}. */
  settled(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting ??= []
      this.#waiting.push(resolve)
    })
  }

  /** Callers that arrive from now on, also during this call, wait for the next time. */
  settle(sent: boolean): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const resolve of waiting ?? []) resolve(sent)
  }
}
