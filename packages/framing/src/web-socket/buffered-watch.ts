/** Taken when the module loads, so that fake timers of a test runner cannot stop a channel. */
const { setTimeout, clearTimeout } = globalThis

/** The interval between two checks of a WebSocket whose queue is above its mark. Browsers extend it to one second in a hidden tab. */
const lookEveryMs = 10

/**
 * Notices that the queue of a WebSocket has fallen. There is no event for this, so it checks the queue at intervals, and only while some code
 * waits for that.
 */
export class BufferedWatch {
  readonly #bufferedBytes: () => number
  readonly #lowBytes: number
  readonly #fell: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param fell called when the queue has fallen to `lowBytes` after `wait` */
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

  /** @returns true if the queue has fallen and the watch has stopped */
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
