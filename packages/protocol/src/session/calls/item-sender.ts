import { type Body, encodeBody } from '../../envelope/codec.ts'
import { RpcError } from '../../rpc-error.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { unsendable } from '../flow/wire-errors.ts'

interface Waiter {
  resolve(): void
  reject(error: RpcError): void
}

/**
 * The items of one call on their way to the peer, in either direction of a call: numbered from 0, never more than the
 * peer has granted, and never faster than the connection takes them.
 */
export class ItemSender {
  readonly #core: SessionCore
  readonly #callId: number
  readonly #purpose: 'answer' | 'own'
  #credit: number
  #nextSequence = 0
  #waiters: Waiter[] = []
  /** The first of `#waiters` that still waits. */
  #firstWaiter = 0

  /** @param purpose `answer` when the peer's own input caused the items */
  constructor(core: SessionCore, callId: number, credit: number, purpose: 'answer' | 'own') {
    this.#core = core
    this.#callId = callId
    this.#credit = credit
    this.#purpose = purpose
  }

  /** @throws RpcError FAILED_PRECONDITION without credit, RESOURCE_EXHAUSTED, INTERNAL: nothing was sent then */
  send(body: Body): void {
    if (this.#credit === 0) {
      throw new RpcError('FAILED_PRECONDITION', 'the caller takes no item now: await ready() before each')
    }
    const { writer } = this.#core
    try {
      const encoded = encodeBody(body)
      writer.checkBody(encoded, 'the item')
      writer.send(
        { kind: 'item', callId: this.#callId, sequence: this.#nextSequence, body: encoded },
        this.#purpose,
      )
    } catch (error) {
      throw unsendable(error, 'INTERNAL')
    }
    this.#nextSequence += 1
    this.#credit -= 1
  }

  get canSend(): boolean {
    return this.#credit > 0 && !this.#core.writer.blocked
  }

  /** Settles when an item may be sent; rejects with the reason given to {@link stop}. */
  ready(): Promise<void> {
    if (this.canSend) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  grant(items: number): void {
    this.#credit = Math.min(this.#credit + items, Number.MAX_SAFE_INTEGER)
    this.wake()
  }

  /** Lets as many waiters go as there is credit for. */
  wake(): void {
    if (this.#core.writer.blocked) return
    const end = Math.min(this.#waiters.length, this.#firstWaiter + this.#credit)
    while (this.#firstWaiter < end) this.#waiters[this.#firstWaiter++]!.resolve()
    // Not at each: what is left would move every time.
    if (this.#firstWaiter > 0 && this.#firstWaiter * 2 >= this.#waiters.length)
      this.#waiters = this.#takeWaiters()
  }

  /** No item is sent any more: those that wait are rejected. */
  stop(reason: RpcError): void {
    for (const waiter of this.#takeWaiters()) waiter.reject(reason)
  }

  /** Those that still wait; nobody does afterwards. */
  #takeWaiters(): Waiter[] {
    const waiters = this.#waiters.slice(this.#firstWaiter)
    this.#waiters = []
    this.#firstWaiter = 0
    return waiters
  }
}
