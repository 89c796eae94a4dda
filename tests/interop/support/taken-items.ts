import type { Body } from '@frameport/protocol/envelope'
import type { IncomingCall } from '@frameport/protocol/session'
import { fromBody } from './session-bodies.ts'

/**
 * The upload of a call of the peer, as a loop. Leaving the loop stops the upload, and each item that is read is granted
 * again.
 */
export class TakenItems implements AsyncIterable<unknown> {
  items = 0
  bytes = 0
  readonly #call: IncomingCall
  readonly #arrived: { readonly body: Body; readonly bytes: number }[] = []
  #hasEnded = false
  #wake = () => {}

  /** Must be created before the session continues. */
  constructor(call: IncomingCall) {
    this.#call = call
    call.signal.addEventListener('abort', () => this.#wake(), { once: true })
    call.upload?.receive({
      item: (body, bytes) => {
        this.#arrived.push({ body, bytes })
        this.#wake()
      },
      end: () => {
        this.#hasEnded = true
        this.#wake()
      },
    })
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    const { upload, signal } = this.#call
    // The settings may give the upload no initial credit.
    upload?.grant({ items: 1, bytes: 1 })
    try {
      for (;;) {
        signal.throwIfAborted()
        const next = this.#arrived.shift()
        if (next !== undefined) {
          upload?.taken()
          upload?.grant({ items: 1, bytes: next.bytes })
          this.items += 1
          this.bytes += next.bytes
          yield fromBody(next.body)
        } else if (this.#hasEnded) {
          return
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        }
      }
    } finally {
      upload?.stop()
    }
  }
}
