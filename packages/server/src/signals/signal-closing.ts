import { dispose, textOfThrown } from '@frameport/protocol/checks'
import type { Logger } from '../logger.ts'
import type { Server } from '../server-types.ts'

/** The part of a process that is used. */
export interface ProcessLike {
  readonly pid: number
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  kill(pid: number, signal: NodeJS.Signals): unknown
}

export interface SignalClosingOptions {
  readonly signals: readonly NodeJS.Signals[]
  readonly announceMs: number | undefined
  readonly graceMs: number | undefined
  readonly onClosed: ((facts: ClosedBySignal) => unknown) | undefined
  readonly log: Pick<Logger, 'info' | 'error'>
}

/** The argument of `onClosed`. */
export interface ClosedBySignal {
  /** The first signal that came. */
  readonly signal: NodeJS.Signals
  /** True if a second signal came before the server had closed. */
  readonly isForced: boolean
}

/** A supervisor stops the process, and a load balancer may continue to send clients for this time. */
const announceMsOfSupervisors = 5_000

/** `npm start` passes on a Ctrl+C that the terminal has also sent: a signal so soon after the first is a duplicate. */
const sameWishMs = 300

/** Closes a server when the process receives a signal. */
export class SignalClosing implements Disposable {
  readonly #server: Pick<Server, 'close'>
  readonly #options: SignalClosingOptions
  readonly #process: ProcessLike
  readonly #nowMs: () => number
  readonly #listener = (signal: NodeJS.Signals) => this.#came(signal)
  #first: { readonly signal: NodeJS.Signals; readonly beganAtMs: number } | undefined
  #isForced = false

  constructor(
    server: Pick<Server, 'close'>,
    options: SignalClosingOptions,
    process: ProcessLike,
    nowMs: () => number,
  ) {
    this.#server = server
    this.#options = options
    this.#process = process
    this.#nowMs = nowMs
    for (const signal of options.signals) process.on(signal, this.#listener)
  }

  get isClosing(): boolean {
    return this.#first !== undefined
  }

  [dispose](): void {
    for (const signal of this.#options.signals) this.#process.off(signal, this.#listener)
  }

  #came(signal: NodeJS.Signals): void {
    const nowMs = this.#nowMs()
    if (this.#first === undefined) {
      this.#first = { signal, beganAtMs: nowMs }
      void this.#close(signal)
    } else if (nowMs - this.#first.beganAtMs >= sameWishMs) this.#force(signal)
  }

  async #close(signal: NodeJS.Signals): Promise<void> {
    const { graceMs, log, announceMs = signal === 'SIGTERM' ? announceMsOfSupervisors : 0 } = this.#options
    log.info({ signal }, 'the process received a signal: closing the server')
    await this.#server.close({ announceMs, graceMs })
    try {
      await this.#options.onClosed?.({ signal, isForced: this.#isForced })
    } catch (err) {
      log.error({ err }, `onClosed failed: ${textOfThrown(err)}`)
    }
    this[dispose]()
    // Even if something keeps the process alive: the signal ends it, as it would without a listener.
    if (this.#isForced) this.#process.kill(this.#process.pid, signal)
  }

  /** Shortens the closing that is under way; a further signal ends the process at once. */
  #force(signal: NodeJS.Signals): void {
    this.#isForced = true
    this[dispose]()
    this.#options.log.info(
      { signal },
      'the process received a second signal: closing the server without waiting',
    )
    void this.#server.close({ announceMs: 0, graceMs: 0 })
  }
}
