import type { NativePort } from './addon-types.ts'

/** Drivers with open resources. Other drivers are held only by their users, and freed when those let go. */
const driversWithWork = new Set<object>()

/**
 * Counts the listeners and connections of a driver. While there are any, the driver is not collected, and the process
 * stays alive, unless `unref` was called on the driver or on each of them.
 */
export class ProcessHold {
  readonly #native: Pick<NativePort, 'ref' | 'unref'>
  readonly #driver: object
  #open = 0
  /** The connections that do not keep the process alive. */
  #unreferenced = 0
  #referenced = true
  #ended = false
  /** The last state that was passed to the native port. */
  #told: boolean | undefined

  constructor(native: Pick<NativePort, 'ref' | 'unref'>, driver: object) {
    this.#native = native
    this.#driver = driver
  }

  get holdsProcess(): boolean {
    return this.#referenced && this.#open > this.#unreferenced
  }

  opened(): void {
    this.#open++
    if (this.#open === 1) driversWithWork.add(this.#driver)
    this.#update()
  }

  closed(): void {
    this.#open--
    if (this.#open === 0) driversWithWork.delete(this.#driver)
    this.#update()
  }

  /** A connection that did not keep the process alive now does, or is gone. */
  connectionRef(): void {
    this.#unreferenced--
    this.#update()
  }

  /** An open connection no longer keeps it alive. */
  connectionUnref(): void {
    this.#unreferenced++
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

  /** The native port is closed: nothing is held any longer. */
  end(): void {
    this.#ended = true
    driversWithWork.delete(this.#driver)
  }

  #update(): void {
    const { holdsProcess } = this
    if (this.#ended || holdsProcess === this.#told) return
    this.#told = holdsProcess
    if (holdsProcess) this.#native.ref()
    else this.#native.unref()
  }
}
