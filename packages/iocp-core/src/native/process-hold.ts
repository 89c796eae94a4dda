import type { NativePort } from './addon-types.ts'

/** Drivers with something open. Others are held by their users alone, and are freed when those let go. */
const driversWithWork = new Set<object>()

/**
 * Counts the listeners and connections of a driver. While there are any, the driver is not collected, and the process
 * goes on, unless `unref` took that back.
 */
export class ProcessHold {
  readonly #native: Pick<NativePort, 'ref' | 'unref'>
  readonly #driver: object
  #open = 0
  #referenced = true
  #ended = false

  constructor(native: Pick<NativePort, 'ref' | 'unref'>, driver: object) {
    this.#native = native
    this.#driver = driver
  }

  get holdsProcess(): boolean {
    return this.#referenced && this.#open > 0
  }

  opened(): void {
    this.#open++
    if (this.#open > 1) return
    driversWithWork.add(this.#driver)
    this.#update()
  }

  closed(): void {
    this.#open--
    if (this.#open > 0) return
    driversWithWork.delete(this.#driver)
    this.#update()
  }

  ref(): void {
    this.#referenced = true
    this.#update()
  }

  unref(): void {
    this.#referenced = false
    this.#update()
  }

  /** The native port is closed: nothing is held any more. */
  end(): void {
    this.#ended = true
    driversWithWork.delete(this.#driver)
  }

  #update(): void {
    if (this.#ended) return
    if (this.holdsProcess) this.#native.ref()
    else this.#native.unref()
  }
}
