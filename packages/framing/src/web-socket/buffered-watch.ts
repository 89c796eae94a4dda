/** Taken when the module loads, so that fake timers of a test runner cannot stop a channel. */
const { setTimeout, clearTimeout } = globalThis

/** How often a WebSocket whose queue is over its mark is looked at. Browsers make a second of it in a tab that nobody sees. */
const lookEveryMs = 10

/**
 * Sees that the queue of a WebSocket has fallen. There is no event for it, so it is looked at from time to time, and only while somebody
 * waits for that.
 */
export class BufferedWatch {
  readonly #bufferedBytes: () => number
  readonly #lowBytes: number
  readonly #fell: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param fell called each time that the queue was waited for and has fallen to `lowBytes` */
  constructor(bufferedBytes: () => number, lowBytes: number, fell: () => void) {
    this.#bufferedBytes = bufferedBytes
    this.#lowBytes = lowBytes
    this.#fell = fell
  }

  wait(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (!this.look()) this.wait()
    }, lookEveryMs)
  }

  /** @returns whether nobody waits any more */
  look(): boolean {
    if (this.#bufferedBytes() > this.#lowBytes) return false
    this.stop()
    this.#fell()
    return true
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
