import type { CallRecord } from './call-record.ts'
import { told } from './told.ts'
import type { Amount } from './trace.ts'
import type { UploadRecord } from './upload-record.ts'
import type { WireEnvelope } from './wire.ts'
import { require, type World } from './world.ts'

/** The rules for uploads at their caller. */
export class UploadSenderRules {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** The source gave an item. When no more is wanted, it is silently dropped. */
  gives(tag: number, body: string, bytes: number): void {
    const call = this.#world.tagged(tag)
    const upload = uploadOf(call)
    if (!call.isSettled && !upload.stopReceived) upload.items.push({ body, bytes })
  }

  ends(tag: number): void {
    const call = this.#world.tagged(tag)
    if (!call.isSettled) uploadOf(call).endAsked = true
  }

  /** A waiting source was told that no item is wanted. */
  notWanted(tag: number): void {
    const call = this.#world.tagged(tag)
    const { stopReceived, endAsked } = uploadOf(call)
    require(stopReceived || endAsked || call.isSettled, 'an upload is wanted until it is over', () =>
      told(call))
  }

  /** The callee accepts no more items. */
  stopped(tag: number): void {
    const call = this.#world.tagged(tag)
    const upload = uploadOf(call)
    require(!call.isSettled, 'nothing comes after a call has settled', () => `the stop of ${told(call)}`)
    require(upload.stopReceived && !upload.stopTold, 'a stop is told once, when the callee says so', () =>
      told(call))
    upload.stopTold = true
  }

  sentItem(call: CallRecord, { sequence, goesOn }: WireEnvelope): void {
    const upload = this.#mayGoOn(call, 'an item')
    require(sequence === upload.itemsBegun, 'items are numbered', () => `${told(call)}: ${sequence}`)
    const bytesLeft = upload.creditBytes - upload.bytesBegun
    require(upload.creditItems > upload.itemsBegun &&
      bytesLeft > 0, 'no more items and bytes are sent than were granted', () =>
      `item ${sequence} of ${told(call)}: ${upload.creditItems} items, ${bytesLeft} bytes`)
    upload.itemsBegun += 1
    if (goesOn) call.ownBodyUnderWay = 'item'
  }

  sentEnd(call: CallRecord): void {
    const upload = this.#mayGoOn(call, 'an end')
    require(upload.endAsked, 'an upload ends when its caller says so', () => told(call))
    require(upload.itemsBegun === upload.items.length, 'an end comes after all items', () =>
      `${told(call)}: ${upload.itemsBegun} of ${upload.items.length}`)
    upload.endSent = true
  }

  /** A further piece of an input or of an item. */
  sentPiece(call: CallRecord, { goesOn }: WireEnvelope): void {
    require(call.ownBodyUnderWay !== undefined, 'a piece follows a beginning', () => told(call))
    if (call.ownBodyUnderWay === 'item') notStopped(call, 'a piece')
    if (!goesOn) call.ownBodyUnderWay = undefined
  }

  credited(call: CallRecord, { items, bytes }: Amount): void {
    const upload = uploadOf(call)
    upload.creditItems += items
    upload.creditBytes += bytes
  }

  stopReceived(call: CallRecord): void {
    uploadOf(call).stopReceived = true
  }

  /** The microtask queue is empty. */
  quiet(call: CallRecord): void {
    const { upload } = call
    if (upload === undefined || !call.isSent || call.isSettled) return
    require(upload.stopTold || !upload.stopReceived, 'a stop is told once, when the callee says so', () =>
      `${told(call)} was told nothing`)
  }

  #mayGoOn(call: CallRecord, what: string): UploadRecord {
    const upload = uploadOf(call)
    notStopped(call, what)
    require(!upload.endSent, 'nothing follows the end of an upload', () => `${what} of ${told(call)}`)
    require(call.ownBodyUnderWay === undefined, 'one body of a call is under way at a time', () =>
      `${what} of ${told(call)} inside a ${call.ownBodyUnderWay}`)
    return upload
  }
}

/** @throws Violation for a call without an upload */
export function uploadOf(call: CallRecord): UploadRecord {
  const { upload } = call
  require(upload !== undefined, 'only an upload has items of its caller', () => told(call))
  return upload
}

function notStopped(call: CallRecord, what: string): void {
  require(!uploadOf(call).stopReceived, 'nothing is sent of an upload that was stopped', () =>
    `${what} of ${told(call)}`)
}
