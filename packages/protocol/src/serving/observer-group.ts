import { callReporting } from '@frameport/framing/checks'
import type { RpcError } from '../rpc-error.ts'
import type { CallEnd, CallObserver } from './call-observer.ts'
import type { EnterContext } from './run-handler.ts'

/** An observer with the context in which it was registered. */
interface Observing {
  readonly observer: CallObserver
  readonly enter: EnterContext
}

/** Reports the items and the end of one call to its middlewares. Created only for a call with an observer. */
export class ObserverGroup {
  readonly #signal: AbortSignal
  readonly #failed: (error: unknown) => void
  readonly #observing: Observing[] = []
  readonly #onAbort = () => this.end('left')
  #items = 0
  #hasEnded = false

  /**
   * @param signal of the call, whose abort ends it: a handler that does not stop must not hide that the caller left
   * @param failed called with the error of an observer
   */
  constructor(signal: AbortSignal, failed: (error: unknown) => void) {
    this.#signal = signal
    this.#failed = failed
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** @param enter runs it in the context in which it was given */
  add(observer: CallObserver, enter: EnterContext): void {
    this.#observing.push({ observer, enter })
  }

  itemSent(item: unknown): void {
    if (this.#hasEnded) return
    this.#items++
    for (const { observer, enter } of this.#observing) {
      if (observer.onItem === undefined) continue
      callReporting(() => enter(() => observer.onItem?.(item)), this.#failed)
    }
  }

  /** Only the first end counts. If the caller has left, the call counts as left, whatever ended it. */
  end(outcome: CallEnd['outcome'], error?: RpcError): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    const left = this.#signal.aborted
    const end: CallEnd = Object.freeze({
      outcome: left ? 'left' : outcome,
      items: this.#items,
      error: left ? (this.#signal.reason as RpcError) : error,
    })
    for (const { observer, enter } of [...this.#observing].reverse()) {
      callReporting(() => enter(() => observer.onEnd?.(end)), this.#failed)
    }
  }
}
