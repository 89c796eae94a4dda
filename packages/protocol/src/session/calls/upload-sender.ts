import type { Body } from '../../envelope/codec.ts'
import { noMetadata } from '../../envelope/envelope-parts.ts'
import type { Credit } from '../../envelope/session-envelopes.ts'
import { RpcError } from '../../rpc-error.ts'
import type { OutgoingUpload } from '../common/call-types.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { ItemSender } from './item-sender.ts'

/**
 * - `sending`: further items may follow
 * - `ended`: this side has reported, or will report, the end
 * - `over`: the callee takes no more items, or the call has settled
 */
type State = 'sending' | 'ended' | 'over'

const noCredit: Credit = { items: 0, bytes: 0 }
/** The reason for which waiters settle. It is never shown: `ready()` resolves with false. */
const over = new RpcError('FAILED_PRECONDITION', 'the callee accepts no more items')

/** The items that this side sends with one of its calls. */
export class UploadSender implements OutgoingUpload {
  readonly #core: SessionCore
  readonly #callId: number
  readonly #items: ItemSender
  #state: State = 'sending'
  /** Whether the call was sent. */
  #isOpen = false

  constructor(core: SessionCore, callId: number) {
    this.#core = core
    this.#callId = callId
    this.#items = new ItemSender(core, callId, noCredit, 'own')
  }

  /** The call was sent. The callee accepts this much before it grants more. */
  opened(credit: Credit): void {
    this.#isOpen = true
    if (this.#state === 'ended') this.#sendEnd()
    else this.#items.grant(credit)
  }

  get canSend(): boolean {
    return this.#state === 'sending' && this.#items.canSend
  }

  ready(): Promise<boolean> {
    if (this.#state !== 'sending') return Promise.resolve(false)
    return this.#items.ready().then(
      () => this.#state === 'sending',
      () => false,
    )
  }

  send(body: Body): void {
    if (this.#state === 'over') return
    if (this.#state === 'ended') throw new RpcError('FAILED_PRECONDITION', 'the upload has already ended')
    this.#items.send(body)
  }

  end(): void {
    if (this.#state !== 'sending') return
    this.#state = 'ended'
    this.#items.stop(over)
    if (this.#isOpen) this.#sendEnd()
  }

  /** The callee grants more. */
  grant(credit: Credit): void {
    if (this.#state === 'sending') this.#items.grant(credit)
  }

  /** All pieces of the input of the call have been sent. */
  inputSent(): void {
    this.#items.bodySent()
  }

  /**
   * The callee accepts no more, or the call has settled: the rest of an item is not sent.
   *
   * @returns whether this is new
   */
  stop(): boolean {
    if (this.#state === 'over') return false
    this.#state = 'over'
    this.#core.bodies.drop(this.#callId)
    this.#items.stop(over)
    return true
  }

  #sendEnd(): void {
    this.#items.afterItem(() => {
      if (this.#state !== 'ended') return
      this.#core.writer.send({ kind: 'end', callId: this.#callId, metadata: noMetadata }, 'own')
    })
  }
}
