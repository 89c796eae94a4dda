import { errorWithoutStack } from '../error-without-stack.ts'
import type { RpcError } from '../rpc-error.ts'

/** What callers of `started()` wait for. A stream without such a caller has none. */
export class StreamStart {
  /** The same for all callers: why the handler will never start, or undefined once it has. Never rejects, because nothing may be waiting. */
  readonly settled: Promise<RpcError | undefined>
  #settle!: (failure: RpcError | undefined) => void

  constructor() {
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** It has. Nothing that comes later changes that. */
  begun(): void {
    this.#settle(undefined)
  }

  /** It never will. */
  failed(failure: RpcError): void {
    this.#settle(failure)
  }
}

/** The error for callers of `started()` after a stream was closed before its handler started. */
export function leftEarly(): RpcError {
  return errorWithoutStack('CANCELLED', 'the stream was closed before its handler started')
}
