/** Those who wait for one thing of what a session emits. There is a list only while somebody waits: most sessions never have one. */
export class EventWaiters {
  #waiting: ((sent: boolean) => void)[] | undefined

  /** Settles with what the next {@link settle} is told. */
  settled(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting ??= []
      this.#waiting.push(resolve)
    })
  }

  /** Those who come from here on, from inside of it, too, wait for the next time. */
  settle(sent: boolean): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const resolve of waiting ?? []) resolve(sent)
  }
}
