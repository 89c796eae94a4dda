import type { RpcError } from '../../rpc-error.ts'

/** The signal of one handler. Its controller is made when the signal is read: most handlers never read it. */
export class HandlerSignal {
  #controller: AbortController | undefined
  #reason: RpcError | undefined

  /** The reason why the caller no longer waits for the answer. */
  get reason(): RpcError | undefined {
    return this.#reason
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.tell()
    }
    return this.#controller.signal
  }

  /** Only the first reason counts. A signal that is read later is aborted with it. */
  giveUp(reason: RpcError): void {
    this.#reason ??= reason
  }

  /** Aborts the signal if it was read before. */
  tell(): void {
    if (this.#reason !== undefined) this.#controller?.abort(this.#reason)
  }
}
