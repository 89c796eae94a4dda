import { createHash } from 'node:crypto'
import { RpcError } from '@frameport/protocol'
import { byteSize } from '../../byte-sizes.ts'
import { type FileOffer, type OfferEnd, type Receipt, sha256Bytes } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import { sentenceOf } from '../../member/failures.ts'
import { FileProgress } from '../../member/file-progress.ts'
import { apartFromSentence } from '../../member/sentences.ts'
import { fileFault } from './file-faults.ts'
import { PartFile } from './part-file.ts'
import { shownPath } from './paths.ts'
import type { RunningFile } from './running-files.ts'
import type { FileOptions } from './send-file.ts'

/** Takes one offered file, checks it and saves it. Shows the events of the transfer itself. */
export class FileTaker {
  readonly running: RunningFile
  readonly #options: FileOptions
  readonly #offer: FileOffer
  readonly #hash = createHash('sha256')
  #leftBytes: number
  #checksum: Uint8Array = new Uint8Array(0)
  /** The result, once it is known. */
  #end: Receipt['end'] | undefined
  #patience: NodeJS.Timeout | undefined
  #answer!: (receipt: Receipt) => void
  readonly #receipt = new Promise<Receipt>((resolve) => {
    this.#answer = resolve
  })

  constructor(offer: FileOffer, options: FileOptions) {
    this.#options = options
    this.#offer = offer
    this.#leftBytes = offer.bytes
    const progress = new FileProgress('in', offer, 'starts when all have answered, or in a few seconds')
    this.running = { file: offer.file, progress, controller: new AbortController() }
  }

  /** Never rejects. Resolves to true when the file is saved under a name like `wanted`, a path. */
  async run(wanted: string): Promise<boolean> {
    const { signal } = this.running.controller
    let part: PartFile | undefined
    try {
      part = await PartFile.create(wanted, this.#offer.bytes)
      await this.#receive(part)
      if (this.#end === undefined) this.#fault(`The server ended ${this.#offer.name} too early.`)
    } catch (error) {
      // The result is final after the last byte.
      if (this.#end !== undefined) return this.#end === 'saved'
      if (signal.aborted) this.#notice(`You have stopped taking ${this.#offer.name}.`)
      else this.#fault(this.#why(error, wanted))
    } finally {
      clearTimeout(this.#patience)
      await part?.discard().catch(() => undefined)
    }
    return this.#end === 'saved'
  }

  async #receive(part: PartFile): Promise<void> {
    const { file, name, from, bytes } = this.#offer
    const { signal } = this.running.controller
    const stream = this.#options.client.files.take({ file }, this.#receipts(), { signal })
    await stream.started()
    this.#notice(`You take ${name} (${byteSize(bytes)}) from ${from}. /cancel ${file} stops it.`)
    for await (const chunk of stream) {
      // Leaving the loop would cancel the receipt, so ignore further chunks.
      if (this.#end === undefined) await this.#got(chunk, part)
    }
  }

  async *#receipts(): AsyncGenerator<Receipt, void, undefined> {
    yield await this.#receipt
  }

  async #got(chunk: Uint8Array, part: PartFile): Promise<void> {
    const { progress } = this.running
    const body = chunk.subarray(0, this.#leftBytes)
    try {
      await part.write(body)
      this.#hash.update(body)
      this.#leftBytes -= body.length
      progress.waitsFor = undefined
      progress.moved(this.#offer.bytes - this.#leftBytes)
      this.#checksum = Buffer.concat([this.#checksum, chunk.subarray(body.length)])
      if (this.#leftBytes === 0 && this.#checksum.length >= sha256Bytes) await this.#arrived(part)
    } catch (error) {
      this.#is('failed')
      this.#fault(fileFault(shownPath(part.path), error, 'written'))
    }
  }

  async #arrived(part: PartFile): Promise<void> {
    const { name, from, bytes } = this.#offer
    const { progress } = this.running
    progress.waitsFor = 'is being checked and saved'
    this.#options.changed()
    const computed = this.#hash.digest()
    if (!computed.equals(this.#checksum)) {
      this.#is('wrong')
      return this.#fault(
        `The checksum of ${name} is wrong: the file differs from the one that ${from} sent. It was removed.`,
      )
    }
    const path = await part.save()
    this.#is('saved')
    const short = computed.toString('hex').slice(0, 16)
    this.#notice(`Saved ${shownPath(path)} (${byteSize(bytes)}). The checksum is right: ${short}…`)
  }

  #is(end: Receipt['end']): void {
    this.#end = end
    this.#answer({ end })
    // The server only has to end the call now.
    this.#patience = setTimeout(() => this.running.controller.abort(), limits.callDeadlineMs)
  }

  #why(error: unknown, wanted: string): string {
    const { name, from } = this.#offer
    if (!RpcError.is(error)) return fileFault(shownPath(wanted), error, 'written')
    if (error.code === 'UNAVAILABLE')
      return `The connection to the server was lost before all of ${name} arrived. Nothing was kept: ask ${from} to send it again.`
    if (error.code === 'SERVERS_APART') return `${apartFromSentence(from)} ${name} cannot be taken here.`
    if (error.code !== 'OFFER_ENDED') return sentenceOf(error, { file: name })
    const { why } = (error.data ?? {}) as { readonly why?: OfferEnd }
    return `${(endSentences[why ?? 'lost'] ?? endSentences.lost)(name, from)} Nothing was kept.`
  }

  #notice(text: string): void {
    this.#options.show({ kind: 'notice', text })
  }

  #fault(text: string): void {
    this.#options.show({ kind: 'fault', text })
  }
}

/** Why a transfer has ended, for a taker. */
const endSentences: Readonly<Record<OfferEnd, (name: string, from: string) => string>> = {
  done: (name) => `${name} has ended.`,
  cancelled: (name, from) => `${from} has taken ${name} back.`,
  lost: (name, from) => `The connection of ${from} was lost before all of ${name} arrived.`,
  left: (name, from) => `${from} has left the room before all of ${name} arrived.`,
  expired: (name) => `The offer of ${name} is over.`,
  abandoned: (name) => `Nobody takes ${name} any more.`,
  stalled: (name, from) => `${from} stopped sending ${name}, so the server ended the transfer.`,
  broken: (name, from) => `The bytes that ${from} sent do not match the offer of ${name}.`,
  closing: (name) => `The server closed before all of ${name} arrived.`,
}
