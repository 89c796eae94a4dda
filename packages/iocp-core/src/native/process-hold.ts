import type { NativePort } from './addon-types.ts'

/** Drivers with something open. Others are held by their users alone, and are freed when those let go. */
const driversWithWork = new Set<object>()

/**
 * Counts the listeners and connections of a driver. While there are any, the driver is not collected, and the process
 * goes on, unless `unref` took that back, of the driver or of each of them.
 */
export class ProcessHold {
  readonly #native: Pick<NativePort, 'ref' | 'unref'>
  readonly #driver: object
  #open = 0
  /** Of those: connections that do not hold the process. */
  #unreferenced = 0
  #referenced = true
  #ended = false
  /** What the native port was told last. */
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

  /** A connection that did not hold the process does, or is gone. */
  connectionRef(): void {
    this.#unreferenced--
    this.#update()
  }

  /** A connection that is open no longer holds it. */
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

  /** The native port is closed: nothing is held any more. */
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
