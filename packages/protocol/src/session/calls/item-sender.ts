import { type Body, encodeBodyOf, textOfBody } from '../../envelope/codec.ts'
import { type EnvelopeBody, noMetadata } from '../../envelope/envelope-parts.ts'
import type { Credit, ItemEnvelope } from '../../envelope/session-envelopes.ts'
import { textBody } from '../../envelope/short-envelope.ts'
import { RpcError } from '../../rpc-error.ts'
import { nextTurn } from '../common/turns.ts'
import type { WaitingStream } from '../flow/item-line.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { unsendable } from '../flow/wire-errors.ts'

const creditMax = Number.MAX_SAFE_INTEGER

/**
 * Whether the peer knows that the handler has begun. `silent`: the peer has not asked, and the handler has not begun.
 * `asked`: it has not begun. `begun`: it has begun, but the peer has not asked, or a later envelope of this turn may
 * show it. `over`: nothing is left to report.
 */
type Start = 'silent' | 'asked' | 'begun' | 'over'

interface Waiter {
  resolve(): void
  reject(error: RpcError): void
}

/**
 * Sends the items of one call, in either direction: numbered from 0, one at a time, never more than the peer has
 * granted, and never faster than the connection and the share of a turn allow.
 */
export class ItemSender implements WaitingStream {
  readonly #core: SessionCore
  readonly #callId: number
  readonly #purpose: 'answer' | 'own'
  #items: number
  /** Negative after an item that was longer than the remaining credit. */
  #bytes: number
  #nextSequence = 0
  #waiters: Waiter[] = []
  /** The first of `#waiters` that still waits. */
  #firstWaiter = 0
  #afterItem: (() => void) | undefined
  #start: Start = 'silent'

  /** @param purpose `answer` when the peer's own input caused the items */
  constructor(core: SessionCore, callId: number, credit: Credit, purpose: 'answer' | 'own') {
    this.#core = core
    this.#callId = callId
    this.#items = credit.items
    this.#bytes = credit.bytes
    this.#purpose = purpose
  }

  /** @throws RpcError FAILED_PRECONDITION without credit, RESOURCE_EXHAUSTED, INTERNAL: nothing was sent then */
  send(body: Body): void {
    if (!this.#mayBegin) {
      throw new RpcError('FAILED_PRECONDITION', 'the peer accepts no item now: await ready() before each')
    }
    const { items, turn, limits } = this.#core
    items.delete(this)
    // Another caller may be waiting to send the next item.
    if (this.#hasWaiters) items.add(this)
    try {
      const text = textOfBody(body)
      const bytes = (text !== undefined && this.#sendText(text)) || this.#sendLong(encodeBodyOf(body, text))
      this.#bytes -= bytes
      // Pieces after the first count when they are sent.
      turn.countItem(Math.min(bytes, limits.pieceBytes))
    } catch (error) {
      throw unsendable(error, this.#purpose === 'answer' ? 'INTERNAL' : 'INVALID_ARGUMENT')
    }
    this.#start = 'over'
    this.#nextSequence += 1
    this.#items -= 1
  }

  /** @returns the length of its body; undefined if it was not sent this way */
  #sendText(text: string): number | undefined {
    const bytes = this.#core.bodies.sendText(this.#itemOf(textBody), text, this.#purpose)
    return bytes === 'closed' ? text.length : bytes
  }

  #sendLong(body: EnvelopeBody): number {
    const { writer, bodies } = this.#core
    writer.checkBody(body, 'the item')
    bodies.send(this.#itemOf(body), this.#purpose, () => this.bodySent())
    return body.bytes.length
  }

  #itemOf(body: EnvelopeBody): ItemEnvelope {
    return { kind: 'item', callId: this.#callId, sequence: this.#nextSequence, body }
  }

  get canSend(): boolean {
    return this.#mayBegin && this.#core.items.hasRoom
  }

  /** Settles when an item may be sent; rejects with the reason given to {@link stop}. */
  ready(): Promise<void> {
    if (this.canSend) return Promise.resolve()
    this.#core.items.add(this)
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  grant({ items, bytes }: Credit): void {
    this.#items = Math.min(this.#items + items, creditMax)
    this.#bytes = Math.min(this.#bytes + bytes, creditMax)
    this.wake()
  }

  /** The peer wants to know when the handler has begun. */
  askStarted(): void {
    if (this.#start === 'silent') this.#start = 'asked'
    else this.#tellStarted()
  }

  /**
   * The handler has taken its first step. An item or a failure in this turn also shows that, and makes a report
   * unnecessary.
   */
  handlerStarted(): void {
    if (this.#start === 'asked') nextTurn(this.#core.environment, () => this.#tellStarted())
    if (this.#start === 'silent' || this.#start === 'asked') this.#start = 'begun'
  }

  /** The handler has answered: what it sends from now on shows that it had begun. */
  answered(): void {
    this.#start = 'over'
  }

  #tellStarted(): void {
    if (this.#start !== 'begun') return
    this.#start = 'over'
    this.#core.writer.send({ kind: 'started', callId: this.#callId, metadata: noMetadata }, this.#purpose)
    this.#core.answered()
  }

  /**
   * Releases as many waiters as there is credit for: with one item at a time, the next asks again.
   *
   * @returns whether one was released
   */
  wake(): boolean {
    if (!this.canSend || !this.#hasWaiters) return false
    const end = Math.min(this.#waiters.length, this.#firstWaiter + this.#items)
    while (this.#firstWaiter < end) this.#waiters[this.#firstWaiter++]!.resolve()
    // Not each time, because that would move all remaining waiters each time.
    if (this.#firstWaiter > 0 && this.#firstWaiter * 2 >= this.#waiters.length)
      this.#waiters = this.#takeWaiters()
    return true
  }

  /** Runs `then` when the current item has been sent completely; at once if there is none. */
  afterItem(then: () => void): void {
    if (this.#core.bodies.isSending(this.#callId)) this.#afterItem = then
    else then()
  }

  /** Sends no more items: waiters are rejected. */
  stop(reason: RpcError): void {
    this.#start = 'over'
    this.#core.items.delete(this)
    for (const waiter of this.#takeWaiters()) waiter.reject(reason)
  }

  /** A body of the call has been sent completely. */
  bodySent(): void {
    const then = this.#afterItem
    this.#afterItem = undefined
    if (then === undefined) this.#core.items.goOn()
    else then()
  }

  get #mayBegin(): boolean {
    return this.#items > 0 && this.#bytes > 0 && !this.#core.bodies.isSending(this.#callId)
  }

  get #hasWaiters(): boolean {
    return this.#waiters.length > this.#firstWaiter
  }

  /** Settles all waiters. */
  #takeWaiters(): Waiter[] {
    const waiters = this.#waiters.slice(this.#firstWaiter)
    this.#waiters = []
    this.#firstWaiter = 0
    return waiters
  }
}
