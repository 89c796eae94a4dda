import type { ItemEnvelope } from '../../envelope/envelope.ts'
import { violation } from '../common/session-fault.ts'
import type { SessionCore } from '../flow/session-core.ts'

const creditMax = Number.MAX_SAFE_INTEGER

/** The items of one call as the peer sends them, in either direction of a call: in order, and no more than granted. */
export class ItemReceiver {
  readonly #core: SessionCore
  readonly #callId: number
  #credit: number
  #nextSequence = 0

  constructor(core: SessionCore, callId: number, credit: number) {
    this.#core = core
    this.#callId = callId
    this.#credit = credit
  }

  /** How many the peer may still send. */
  get credit(): number {
    return this.#credit
  }

  /** Counts one item in. @throws SessionFault for one that is not the next, or was not granted */
  take({ sequence }: ItemEnvelope): void {
    if (sequence !== this.#nextSequence) {
      throw violation(`item ${sequence} of call ${this.#callId} came instead of ${this.#nextSequence}`)
    }
    if (this.#credit === 0) throw violation(`item ${sequence} of call ${this.#callId} came without credit`)
    this.#nextSequence += 1
    this.#credit -= 1
  }

  /** @param tell false while the peer does not know the call: it will hear of the credit with it */
  grant(items: number, tell: boolean): void {
    if (!Number.isSafeInteger(items) || items <= 0) return
    const granted = Math.min(items, creditMax - this.#credit)
    if (granted === 0) return
    this.#credit += granted
    if (tell) this.#core.writer.send({ kind: 'credit', callId: this.#callId, items: granted }, 'own')
  }
}
