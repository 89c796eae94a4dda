import type { DriverListener, ListenerEvents } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import { type RunningTimer, startTimer } from '../platform/real-timers.ts'
import type { NativePort } from './addon-types.ts'
import { errnoName } from './errno-name.ts'

/** What a listener uses of its driver. */
export interface ListenerHost {
  readonly native: NativePort
  schedule(): void
  /** Counts the timers that run. */
  timers: number
}

/**
 * One listening socket. If descriptors or memory run out, accepting pauses and is retried until it works;
 * the owner is notified once when that begins.
 */
export class NativeListener implements DriverListener {
  readonly endpoint: Endpoint
  readonly events: ListenerEvents
  readonly slot: number
  readonly generation: number
  readonly #host: ListenerHost
  #failing = false
  #timer: RunningTimer | undefined
  #closing: Promise<void> | undefined
  #closed: (() => void) | undefined

  constructor(
    host: ListenerHost,
    slot: number,
    generation: number,
    endpoint: Endpoint,
    events: ListenerEvents,
  ) {
    this.#host = host
    this.slot = slot
    this.generation = generation
    this.endpoint = endpoint
    this.events = events
  }

  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  acceptedOne(): void {
    this.#failing = false
  }

  /** `stopped`: the accept operation has ended and must be submitted again. */
  acceptFailed(status: number, stopped: boolean): void {
    if (this.isClosing) return
    const tell = !stopped || !this.#failing
    if (stopped) {
      this.#failing = true
      this.#tryLater()
    }
    if (tell) {
      this.events.acceptFailed(IocpError.fromErrno(errnoName(status), 'accept', endpointUrl(this.endpoint)))
    }
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#closed = resolve
      this.#stopTimer()
      this.#host.native.closeListener(this.slot, this.generation)
      this.#host.schedule()
    })
    return this.#closing
  }

  closed(): void {
    this.#closed?.()
  }

  #tryLater(): void {
    this.#host.timers++
    this.#timer = startTimer(limits.acceptBackoffMs.default, () => {
      this.#stopTimer()
      const status = this.#host.native.acceptStart(this.slot, this.generation)
      if (status !== 0) this.acceptFailed(status, true)
      else this.#host.schedule()
    })
  }

  #stopTimer(): void {
    if (this.#timer === undefined) return
    this.#timer.cancel()
    this.#timer = undefined
    this.#host.timers--
  }
}
