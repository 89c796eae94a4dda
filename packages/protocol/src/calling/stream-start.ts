import { errorWithoutStack } from '../error-without-stack.ts'
import type { RpcError } from '../rpc-error.ts'

/** What those wait for who ask whether the handler of a stream has begun. A stream of which nobody asks it has none. */
export class StreamStart {
  /** The same for all who ask: why it will never begin, or undefined once it has. Never rejects, since nobody has to ask. */
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

/** For those who ask after somebody left a stream that had not begun. */
export function leftEarly(): RpcError {
  return errorWithoutStack('CANCELLED', 'the stream was closed before its handler started')
}
