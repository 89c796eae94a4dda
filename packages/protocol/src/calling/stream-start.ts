import { errorWithoutStack } from '../error-without-stack.ts'
import type { RpcError } from '../rpc-error.ts'

/** The promise for callers of `started()`. A stream without such a caller has none. */
export class StreamStart {
  /**
   * The same for all callers: why the handler will never start, or undefined once it has. Never rejects, because
   * nothing may be waiting.
   */
  readonly settled: Promise<RpcError | undefined>
  #settle!: (failure: RpcError | undefined) => void

  constructor() {
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** The handler has begun. Later reports change nothing. */
  begun(): void {
    this.#settle(undefined)
  }

  /** The handler will never begin. */
  failed(failure: RpcError): void {
    this.#settle(failure)
  }
}

/** The error for callers of `started()` after a stream was closed before its handler started. */
export function leftEarly(): RpcError {
  return errorWithoutStack('CANCELLED', 'the stream was closed before its handler started')
}
