import { callReporting } from '@frameport/framing/checks'
import type { RpcError } from '@frameport/protocol'
import { currentContext } from '../async-context.ts'
import type { CallEnd, CallObserver } from '../handlers/call-observer.ts'

/** An observer with the context in which it was given. */
interface Observing {
  readonly observer: CallObserver
  readonly context: ReturnType<typeof currentContext>
}

/** Tells the middlewares of one call of its items and, once, of its end. Made only for a call that somebody observes. */
export class ObserverGroup {
  readonly #signal: AbortSignal
  readonly #failed: (error: unknown) => void
  readonly #observing: Observing[] = []
  readonly #onAbort = () => this.end('left')
  #items = 0
  #hasEnded = false

  /**
   * @param signal of the call, whose abort is its end: a handler that does not stop must not hide that the client left
   * @param failed is told what an observer threw
   */
  constructor(signal: AbortSignal, failed: (error: unknown) => void) {
    this.#signal = signal
    this.#failed = failed
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  add(observer: CallObserver): void {
    this.#observing.push({ observer, context: currentContext() })
  }

  itemSent(item: unknown): void {
    if (this.#hasEnded) return
    this.#items++
    for (const { observer, context } of this.#observing) {
      if (observer.onItem === undefined) continue
      callReporting(() => context.runInAsyncScope(() => observer.onItem?.(item)), this.#failed)
    }
  }

  /** Later ends are passed over. What ends a call after its client has left it, is the client's leaving. */
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
    for (const { observer, context } of [...this.#observing].reverse()) {
      callReporting(() => context.runInAsyncScope(() => observer.onEnd?.(end)), this.#failed)
    }
  }
}
