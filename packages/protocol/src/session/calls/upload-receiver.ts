import { Fifo } from '@frameport/framing/checks'
import { textOfThrown } from '../../checks/thrown.ts'
import type { Body } from '../../envelope/codec.ts'
import { type EnvelopeBody, metadataOverLimit } from '../../envelope/envelope-parts.ts'
import type { Credit, EndEnvelope, ItemEnvelope } from '../../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../../error-without-stack.ts'
import { RpcError } from '../../rpc-error.ts'
import type { IncomingUpload, IncomingUploadEvents } from '../common/call-types.ts'
import { violation } from '../common/session-fault.ts'
import { itemSize } from '../flow/decoded-size.ts'
import { decodeArrived, keptBody } from '../flow/own-bytes.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { exhausted } from './incoming-failures.ts'
import { ItemReceiver, shortItemBytes } from './item-receiver.ts'

/**
 * - `taking`: further items may arrive
 * - `ended`: the caller has reported the end
 * - `stopped`: this side accepts no more items, and ignores those in flight
 */
type State = 'taking' | 'ended' | 'stopped'

/** The call that an upload belongs to. */
export interface UploadedCall {
  readonly id: number
  /** The upload cannot continue: an item or the end is not valid, or there is no memory for an item. */
  uploadFailed(error: RpcError): void
}

/** Receives the items that the peer sends with a call. Unread items count against the session's memory. */
export class UploadReceiver implements IncomingUpload {
  readonly #core: SessionCore
  readonly #callId: number
  readonly #items: ItemReceiver
  readonly #call: UploadedCall
  #events: IncomingUploadEvents | undefined
  #state: State = 'taking'
  /** The memory of each unread item, oldest first. */
  readonly #held = new Fifo<number>()
  #heldBytes = 0

  constructor(core: SessionCore, call: UploadedCall) {
    this.#core = core
    this.#call = call
    this.#callId = call.id
    this.#items = new ItemReceiver(core, call.id, {
      items: core.limits.uploadItems,
      bytes: core.limits.uploadBytes,
    })
  }

  receive(events: IncomingUploadEvents): void {
    if (this.#state !== 'stopped') this.#events ??= events
  }

  /** The handler was started: if it has not asked for the items, it never will. */
  stopUnlessReceived(): void {
    if (this.#events === undefined) this.stop()
  }

  grant(credit: Credit): void {
    if (this.#state === 'taking') this.#items.grant(credit, true)
  }

  taken(): void {
    this.#release(this.#held.shift() ?? 0)
  }

  mayGrow(bytes: number): boolean {
    return this.#items.mayGrow(bytes)
  }

  grow(bytes: number): void {
    this.#items.grow(bytes)
  }

  stop(): void {
    if (this.#state !== 'taking') return
    this.close()
    this.#core.writer.send({ kind: 'stop', callId: this.#callId }, 'own')
  }

  /** Delivers no more items, and releases those held. */
  close(): void {
    if (this.#state === 'taking') this.#core.partial.drop(this.#callId)
    this.#state = 'stopped'
    this.#items.end()
    this.#events = undefined
    this.#held.clear()
    this.#release(this.#heldBytes)
  }

  /** Whether pieces without a beginning are ignored, because they belong to an ignored item. */
  get passesOver(): boolean {
    return this.#state === 'stopped'
  }

  /** The first piece of an item, or all of it. @returns whether it is wanted @throws SessionFault */
  begins(envelope: ItemEnvelope): boolean {
    if (this.#state === 'stopped') return false
    if (this.#state === 'ended') throw violation(`an item of call ${this.#callId} after its end`)
    this.#items.begin(envelope)
    return true
  }

  /** Handles a complete item. */
  item({ body: encoded }: ItemEnvelope): void {
    if (this.#state !== 'taking') return
    const { bodyBytesMax } = this.#core.limits
    const bytes = encoded.bytes.length
    this.#items.charge(bytes)
    if (bytes > bodyBytesMax) {
      this.tooLong(`an item is over the ${bodyBytesMax} bytes that this side accepts`)
      return
    }
    const { memory } = this.#core
    const isLong = bytes > shortItemBytes && this.#events?.longItem !== undefined
    const size = itemSize(encoded, isLong, memory.mayGuess)
    const refusal = memory.refusalOf(size)
    if (refusal !== undefined) {
      this.#call.uploadFailed(refusal)
      return
    }
    this.#hold(size)
    this.#core.turn.countItem(bytes)
    if (isLong) this.#handOnLong(encoded)
    else this.#handOn(encoded)
  }

  /** An item exceeds the limit of this side, or there is no room for it. */
  tooLong(problem: string, retryAfterMs?: number): void {
    if (this.#state === 'taking')
      this.#call.uploadFailed(errorWithoutStack('RESOURCE_EXHAUSTED', problem, { retryAfterMs }))
  }

  /** @throws SessionFault for a second one */
  end({ metadata }: EndEnvelope): void {
    if (this.#state === 'stopped') return
    if (this.#state === 'ended') throw violation(`a second end of call ${this.#callId}`)
    this.#state = 'ended'
    this.#items.end()
    if (metadata === metadataOverLimit)
      this.#call.uploadFailed(
        exhausted('the metadata of the end of the upload exceed the limits of this side'),
      )
    else this.#core.guard(() => this.#events?.end())
  }

  #handOn(encoded: EnvelopeBody): void {
    const body = this.#read(encoded)
    if (RpcError.is(body)) this.#call.uploadFailed(body)
    else this.#core.guard(() => this.#events?.item(body, encoded.bytes.length))
  }

  #handOnLong(encoded: EnvelopeBody): void {
    const held = keptBody(encoded)
    this.#core.guard(() => this.#events?.longItem?.(() => this.#read(held), held.bytes.length))
  }

  #read(encoded: EnvelopeBody): Body | RpcError {
    try {
      return decodeArrived(encoded)
    } catch (cause) {
      return errorWithoutStack('INVALID_ARGUMENT', `an item of the caller: ${textOfThrown(cause)}`, { cause })
    }
  }

  #hold(size: number): void {
    this.#held.push(size)
    this.#heldBytes += size
    this.#core.memory.addInput(size)
  }

  #release(size: number): void {
    if (size === 0) return
    this.#heldBytes -= size
    this.#core.memory.addInput(-size)
  }
}
