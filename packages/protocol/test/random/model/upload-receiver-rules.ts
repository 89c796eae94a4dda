import type { CallRecord } from './call-record.ts'
import type { HalfBodies } from './half-bodies.ts'
import { told } from './told.ts'
import type { Amount } from './trace.ts'
import { uploadOf } from './upload-sender-rules.ts'
import type { WireEnvelope } from './wire.ts'
import { require, type World } from './world.ts'

/** The memory of an unread item, in addition to its bytes. */
const itemBytes = 128

/** The rules for uploads at their callee. */
export class UploadReceiverRules {
  readonly #world: World
  readonly #halves: HalfBodies

  constructor(world: World, halves: HalfBodies) {
    this.#world = world
    this.#halves = halves
  }

  // Requests of the handler.

  receives(tag: number): void {
    uploadOf(this.#world.tagged(tag)).isReceived = true
  }

  grants(tag: number, { items, bytes }: Amount): void {
    const call = this.#world.tagged(tag)
    if (!isTaking(call)) return
    const upload = uploadOf(call)
    upload.grantedItems += items
    upload.grantedBytes += bytes
  }

  takes(tag: number): void {
    const upload = uploadOf(this.#world.tagged(tag))
    upload.itemsTaken = Math.min(upload.itemsTaken + 1, upload.itemsTold)
  }

  stops(tag: number): void {
    const call = this.#world.tagged(tag)
    if (isTaking(call)) uploadOf(call).stopAsked = true
  }

  // Reports to the handler.

  item(tag: number, body: string, bytes: number): void {
    const call = this.#world.tagged(tag)
    const upload = uploadOf(call)
    mayBeTold(call, 'an item')
    const { itemsTold, items } = upload
    require(items[itemsTold]?.body === body, 'items come in the order of sending, each once', () =>
      `item ${itemsTold} of ${told(call)} is ${body}, sent was ${items[itemsTold]?.body}`)
    require(itemsTold < upload.grantedItems &&
      upload.itemBytesTold < upload.grantedBytes, 'no more items and bytes come than were granted', () =>
      `item ${itemsTold} of ${told(call)}`)
    upload.itemsTold += 1
    upload.itemBytesTold += bytes
  }

  end(tag: number): void {
    const call = this.#world.tagged(tag)
    const upload = uploadOf(call)
    mayBeTold(call, 'the end')
    require(upload.endSent, 'an upload ends when its caller says so', () => told(call))
    require(upload.itemsTold === upload.items.length, 'an end comes after all items', () =>
      `${told(call)}: ${upload.itemsTold} of ${upload.items.length}`)
    upload.endTold = true
  }

  // Envelopes that are sent and received.

  sentCredit(call: CallRecord, { credit }: WireEnvelope): void {
    const upload = uploadOf(call)
    const { items, bytes } = upload.announced
    upload.announced = { items: items + (credit?.items ?? 0), bytes: bytes + (credit?.bytes ?? 0) }
    require(!upload.stopSent && !upload.endTold, 'no credit is granted to an upload that is over', () =>
      told(call))
    const { announced, grantedItems, grantedBytes } = upload
    require(announced.items <= grantedItems &&
      announced.bytes <= grantedBytes, 'no more is granted than the callee gave', () => told(call))
  }

  sentStop(call: CallRecord, nowMs: number): void {
    const upload = uploadOf(call)
    require(!upload.stopSent && !upload.endTold, 'an upload is stopped once, before its end', () =>
      told(call))
    const isFailed = call.inputOverLimit || nowMs >= call.expiresAtMs || call.memoryMayRunOut
    require(upload.stopAsked ||
      !upload.isReceived ||
      isFailed, 'an upload is stopped for a reason that there is', () => told(call))
    upload.stopSent = true
    this.#halves.drop(call)
  }

  /** An item, or a further piece of an input or of an item. */
  receivedBody(call: CallRecord, envelope: WireEnvelope): void {
    const isPassedOver = call.upload !== undefined && (isClosed(call) || call.handlerThrew)
    if (call.isOpenAtCallee && !isPassedOver && this.#halves.take(call, envelope)) call.inputOverLimit = true
  }

  /**
   * The microtask queue is empty.
   *
   * @returns the minimum of bytes that the unread items hold
   */
  quiet(call: CallRecord): number {
    const { upload } = call
    if (upload === undefined || !call.isOpenAtCallee || call.handlerThrew || isClosed(call)) return 0
    if (call.hasHandler && !upload.endTold) {
      require(upload.isReceived && !upload.stopAsked, 'an upload that is not wanted is stopped', () =>
        told(call))
      const { items, bytes } = upload.announced
      require(items === upload.grantedItems &&
        bytes === upload.grantedBytes, 'the caller hears of each grant', () =>
        `${told(call)}: ${items}, ${bytes} of ${upload.grantedItems}, ${upload.grantedBytes}`)
    }
    return upload.untakenBytes + itemBytes * (upload.itemsTold - upload.itemsTaken)
  }
}

/** Whether items of the upload are no longer delivered or held. */
function isClosed(call: CallRecord): boolean {
  const isAnswered = call.answer !== undefined || call.answerSent !== undefined
  return call.upload?.stopSent === true || call.isHandlerAborted || isAnswered
}

/** Whether further items may arrive. */
function isTaking(call: CallRecord): boolean {
  return !isClosed(call) && call.upload?.endTold === false
}

function mayBeTold(call: CallRecord, what: string): void {
  const upload = uploadOf(call)
  require(upload.isReceived && isTaking(call), 'nothing comes of an upload that is over', () =>
    `${what} of ${told(call)}`)
}
