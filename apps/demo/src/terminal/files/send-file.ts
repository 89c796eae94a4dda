import type { Client } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { byteSize } from '../../byte-sizes.ts'
import type { chat } from '../../chat-contract.ts'
import { type OfferEnd, type OfferNews, sha256Bytes, type TakerEnd } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import type { Show } from '../../member/entry.ts'
import { sentenceOf } from '../../member/failures.ts'
import { FileProgress } from '../../member/file-progress.ts'
import type { RunningFile } from './running-files.ts'
import type { SourceFile } from './source-file.ts'

export interface FileOptions {
  readonly client: Client<typeof chat>
  readonly show: Show
  /** Called when something other than the bytes has changed. */
  readonly changed: () => void
}

/** Offers a file, and sends it to its takers. Shows the events of the transfer itself. */
export class FileSender {
  readonly running: RunningFile
  readonly #options: FileOptions
  readonly #source: SourceFile
  /** The takers, by name. */
  readonly #takers = new Map<string, TakerEnd | 'takes'>()
  #hasBegun = false
  /** Includes the checksum after the file. */
  #sentBytes = 0

  constructor(source: SourceFile, options: FileOptions) {
    this.#options = options
    this.#source = source
    const progress = new FileProgress('out', source, 'is being offered')
    this.running = { progress, controller: new AbortController() }
  }

  /** Never rejects. Resolves to true if all takers that did not leave have the file. */
  async run(): Promise<boolean> {
    const { client } = this.#options
    const { controller, progress } = this.running
    const { signal } = controller
    const { name, bytes } = this.#source
    try {
      const news = client.files.offer({ name, bytes }, this.#source.chunks(), {
        signal,
        onProgress: (sent) => {
          this.#sentBytes = sent.bytes
          progress.moved(sent.bytes)
          if (this.#hasBegun) this.#showState()
        },
      })
      for await (const one of news) {
        this.#heard(one)
        this.#options.changed()
      }
      return this.#isComplete()
    } catch (error) {
      if (signal.aborted) this.#notice(`You have taken ${name} back.`)
      else this.#fault(this.#why(error))
      return false
    } finally {
      await this.#source.close().catch(() => undefined)
    }
  }

  #heard(news: OfferNews): void {
    const { name, bytes } = this.#source
    const { progress } = this.running
    if (news.kind === 'offered') {
      this.running.file = news.file
      progress.waitsFor = `is offered as ${news.file}: nobody has taken it yet`
      this.#notice(`You offer ${name} (${byteSize(bytes)}). /cancel ${news.file} takes it back.`)
    } else if (news.kind === 'ended') {
      this.#ended(news.name, news.end)
    } else if (news.kind === 'taken') {
      this.#takers.set(news.name, 'takes')
      const seconds = limits.fileGatherMs / 1_000
      progress.waitsFor = `goes to ${listed(this.#waiting())} within ${seconds} s, or when all have answered`
      this.#notice(`${news.name} takes ${name}.`)
    } else if (news.kind === 'declined') {
      this.#notice(`${news.name} does not want ${name}.`)
    } else if (news.kind === 'begun') {
      this.#hasBegun = true
      this.#showState()
      this.#notice(`${name} is being sent to ${listed(news.takers)}.`)
    } else {
      progress.heldUpBy = news.kind === 'stands' ? listed(news.takers) : undefined
    }
  }

  #ended(taker: string, end: TakerEnd): void {
    const { name } = this.#source
    this.#takers.set(taker, end)
    const text = endSentences[end](taker, name)
    if (end === 'saved' || end === 'left') this.#notice(text)
    else this.#fault(text)
    const waiting = this.#waiting()
    if (!this.#hasBegun && waiting.length === 0)
      this.running.progress.waitsFor = `is offered as ${this.running.file}: nobody takes it any more`
    else if (this.#hasBegun) this.#showState()
  }

  /** Shows what a running transfer waits for. */
  #showState(): void {
    const isSent = this.#sentBytes >= this.#source.bytes + sha256Bytes
    this.running.progress.waitsFor = isSent
      ? `is sent: waiting for ${listed(this.#waiting())} to check it`
      : undefined
  }

  #waiting(): string[] {
    return [...this.#takers].filter(([, end]) => end === 'takes').map(([name]) => name)
  }

  #isComplete(): boolean {
    const ends = [...this.#takers.values()]
    return ends.includes('saved') && ends.every((end) => end === 'saved' || end === 'left')
  }

  #why(error: unknown): string {
    const { name } = this.#source
    if (!RpcError.is(error)) return sentenceOf(error)
    if (error.code === 'OFFER_ENDED') return offerSentence(error.data, name)
    if (error.code === 'UNAVAILABLE')
      return `The connection to the server was lost, so the offer of ${name} is over. Send it again.`
    if (error.code === 'ABORTED' && error.cause instanceof Error)
      return `${error.cause.message} while it was being sent. Nobody has kept it: send it again.`
    return sentenceOf(error, { file: name })
  }

  #notice(text: string): void {
    this.#options.show({ kind: 'notice', text })
  }

  #fault(text: string): void {
    this.#options.show({ kind: 'fault', text })
  }
}

const endSentences: Readonly<Record<TakerEnd, (taker: string, name: string) => string>> = {
  saved: (taker, name) => `${taker} has ${name}: the checksum is right.`,
  wrong: (taker, name) =>
    `${name} arrived with a wrong checksum, and ${taker} has removed it. Send it again.`,
  failed: (taker, name) => `${taker} could not save ${name}.`,
  left: (taker, name) => `${taker} has stopped taking ${name}.`,
  slow: (taker, name) => `${taker} received ${name} too slowly, so the transfer continues without ${taker}.`,
  silent: (taker, name) => `${taker} received all of ${name}, but did not confirm that it is saved.`,
}

const offerSentences: Readonly<Record<OfferEnd, (name: string) => string>> = {
  done: (name) => `${name} is done.`,
  cancelled: (name) => `${name} was taken back.`,
  lost: (name) => `The connection to the server was lost, so the offer of ${name} is over. Send it again.`,
  left: (name) => `You have left the room in which you offered ${name}: the offer is over.`,
  expired: (name) => `Nobody took ${name} within ${limits.fileOfferMs / 60_000} minutes.`,
  abandoned: (name) => `Nobody takes ${name} any more.`,
  stalled: (name) =>
    `The server received nothing of ${name} for ${limits.fileStallMs / 1_000} s, and ended the transfer.`,
  broken: (name) => `The server reports that the bytes of ${name} do not match the offer.`,
  closing: (name) =>
    `The server is closing, so the offer of ${name} is over. Send it again when the server is back.`,
}

function offerSentence(data: unknown, name: string): string {
  const { why } = (data ?? {}) as { readonly why?: OfferEnd }
  return (offerSentences[why ?? 'lost'] ?? offerSentences.lost)(name)
}

/** `bob`, `bob and carol`, `bob, carol and dave`. */
function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nobody'
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
