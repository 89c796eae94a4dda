import { RpcError } from '@frameport/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import { byteSize } from '../../byte-sizes.ts'
import { type OfferNews, sha256Bytes, type TakerEnd } from '../../file-contract.ts'
import { fileNameFault } from '../../file-names.ts'
import { limits } from '../../limits.ts'
import { FileProgress } from '../../member/file-progress.ts'
import type { FilesOfMember } from '../../member/room-files.ts'
import { makeButton } from '../dom.ts'
import { pageSentenceOf } from '../sentences.ts'
import { FileCard } from './file-card.ts'

/** Why a file cannot be offered, as a sentence; undefined when it can. */
export function sourceFault(file: File): string | undefined {
  if (file.size > limits.fileBytesMax)
    return `${file.name} has ${byteSize(file.size)}; the limit is ${byteSize(limits.fileBytesMax)}.`
  return fileNameFault(file.name.normalize('NFC'))
}

/** Offers a file of the person at this page, and sends it to its takers. */
export class PageSender {
  readonly card: FileCard
  readonly progress: FileProgress
  readonly #file: File
  readonly #facts: FilesOfMember
  readonly #abort = new AbortController()
  readonly #takers = new Map<string, TakerEnd | 'takes'>()
  #hasBegun = false

  constructor(file: File, facts: FilesOfMember) {
    const name = file.name.normalize('NFC')
    this.#file = file
    this.#facts = facts
    this.progress = new FileProgress(
      'out',
      { name, bytes: file.size },
      'The room sees the offer. Nobody has taken it yet.',
    )
    this.card = new FileCard(`You offer ${name} (${byteSize(file.size)}).`, `Progress of ${name}`)
    this.card.state(this.progress.waitsFor ?? '', this.#cancelButton())
  }

  /** Takes the offer back. */
  stop(): void {
    this.#abort.abort()
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { name, bytes } = this.progress
    const { signal } = this.#abort
    try {
      const news = this.#facts.client.files.offer({ name, bytes }, this.#chunks(), {
        signal,
        onProgress: (sent) => {
          this.progress.moved(sent.bytes)
          if (!this.#hasBegun) return
          this.progress.waitsFor =
            sent.bytes >= bytes + sha256Bytes
              ? 'The file is sent, and the others are checking it.'
              : undefined
        },
      })
      for await (const one of news) this.#heard(one)
      this.card.over(this.#summary())
    } catch (error) {
      this.card.over(signal.aborted ? 'You have taken it back.' : whyNot(error))
    }
  }

  #heard(news: OfferNews): void {
    if (news.kind === 'taken') this.#takers.set(news.name, 'takes')
    else if (news.kind === 'ended') this.#takers.set(news.name, news.end)
    else if (news.kind === 'begun') {
      this.#hasBegun = true
      this.progress.waitsFor = undefined
    } else if (news.kind === 'stands') this.progress.heldUpBy = news.takers.join(', ')
    else if (news.kind === 'goesOn') this.progress.heldUpBy = undefined
    if (!this.#hasBegun && this.#takers.size > 0)
      this.progress.waitsFor = `It will be sent to ${[...this.#takers.keys()].join(', ')} in a few seconds.`
    this.card.state(this.progress.waitsFor ?? '', this.#cancelButton())
  }

  /** The bytes of the file, then their SHA-256. */
  async *#chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = sha256.create()
    for (let at = 0; at < this.#file.size; at += limits.fileChunkBytesMax) {
      const part = this.#file.slice(at, at + limits.fileChunkBytesMax)
      const chunk = new Uint8Array(await part.arrayBuffer())
      hash.update(chunk)
      yield chunk
    }
    yield hash.digest()
  }

  #summary(): string {
    const ends = [...this.#takers].map(([name, end]) => `${name} ${endWords[end]}`)
    return ends.length === 0 ? 'Nobody took it.' : `${ends.join(', ')}.`
  }

  #cancelButton(): HTMLButtonElement {
    return makeButton('Take it back', () => this.stop())
  }
}

const endWords: Readonly<Record<TakerEnd | 'takes', string>> = {
  takes: 'took it',
  saved: 'has it',
  wrong: 'got a wrong checksum',
  failed: 'could not save it',
  left: 'stopped',
  slow: 'was too slow',
  silent: 'did not confirm that it is saved',
}

function whyNot(error: unknown): string {
  if (!RpcError.is(error)) return pageSentenceOf(error)
  if (error.code === 'UNAVAILABLE')
    return 'The connection to the server was lost, so the offer is over. Send the file again.'
  if (error.code === 'OFFER_ENDED') return 'The offer is over.'
  return pageSentenceOf(error)
}
