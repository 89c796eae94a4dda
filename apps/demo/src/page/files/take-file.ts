import { RpcError } from '@frameport/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import { byteSize } from '../../byte-sizes.ts'
import { type FileOffer, type Receipt, sha256Bytes } from '../../file-contract.ts'
import { savedFileName } from '../../file-names.ts'
import { FileProgress } from '../../member/file-progress.ts'
import type { FilesOfMember } from '../../member/room-files.ts'
import { apartFromSentence } from '../../member/sentences.ts'
import { make, makeButton } from '../dom.ts'
import { pageSentenceOf } from '../sentences.ts'
import type { FileCard } from './file-card.ts'
import { pictureBytesMax, pictureType } from './picture.ts'

/** Takes one offered file into the memory of the page, checks it, and shows it or lets it be saved. */
export class PageTaker {
  readonly progress: FileProgress
  readonly #offer: FileOffer
  readonly #card: FileCard
  readonly #facts: FilesOfMember
  readonly #abort = new AbortController()
  readonly #hash = sha256.create()
  readonly #parts: Uint8Array<ArrayBuffer>[] = []
  #leftBytes: number
  #checksum: number[] = []
  #isOver = false
  #answer: (receipt: Receipt) => void = () => {}

  constructor(offer: FileOffer, card: FileCard, facts: FilesOfMember) {
    this.#offer = offer
    this.#card = card
    this.#facts = facts
    this.#leftBytes = offer.bytes
    this.progress = new FileProgress(
      'in',
      offer,
      'The transfer starts when all have answered, or in a few seconds.',
    )
    card.state(this.progress.waitsFor ?? '', this.#stopButton())
  }

  stop(): void {
    this.#abort.abort()
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#abort
    const receipt = new Promise<Receipt>((resolve) => {
      this.#answer = resolve
    })
    async function* receipts(): AsyncGenerator<Receipt, void, undefined> {
      yield await receipt
    }
    try {
      const stream = this.#facts.client.files.take({ file: this.#offer.file }, receipts(), { signal })
      for await (const chunk of stream) if (!this.#isOver) this.#got(chunk)
      if (!this.#isOver) this.#over('The server ended it too early: nothing was kept.')
    } catch (error) {
      if (!this.#isOver) this.#over(signal.aborted ? 'You have stopped it.' : this.#whyNot(error))
    }
  }

  #got(chunk: Uint8Array): void {
    const body = chunk.slice(0, this.#leftBytes)
    this.#parts.push(body)
    this.#hash.update(body)
    this.#leftBytes -= body.length
    this.progress.waitsFor = undefined
    this.progress.moved(this.#offer.bytes - this.#leftBytes)
    this.#checksum.push(...chunk.subarray(body.length))
    if (this.#leftBytes === 0 && this.#checksum.length >= sha256Bytes) this.#arrived()
  }

  #arrived(): void {
    const computed = this.#hash.digest()
    const isRight = computed.every((byte, index) => byte === this.#checksum[index])
    this.#answer({ end: isRight ? 'saved' : 'wrong' })
    if (!isRight) {
      this.#over(
        `The checksum is wrong: the file differs from the one that ${this.#offer.from} sent. It was removed.`,
      )
      return
    }
    const { name, bytes } = this.#offer
    const saved = savedFileName(name)
    const type = pictureType(this.#parts[0] ?? new Uint8Array())
    const url = URL.createObjectURL(new Blob(this.#parts, { type: type ?? 'application/octet-stream' }))
    const link = make('a', { class: 'button', attributes: { href: url, download: saved } }, `Save ${saved}`)
    this.#over(`${byteSize(bytes)}, and the checksum is right.`, link)
    if (type !== undefined && bytes <= pictureBytesMax)
      this.#card.append(make('img', { attributes: { src: url, alt: `Picture ${saved}` } }))
  }

  #over(sentence: string, ...actions: readonly HTMLElement[]): void {
    this.#isOver = true
    this.#parts.length = 0
    this.#card.over(sentence, ...actions)
  }

  #whyNot(error: unknown): string {
    if (!RpcError.is(error)) return pageSentenceOf(error)
    if (error.code === 'UNAVAILABLE')
      return `The connection to the server was lost before all of it arrived. Ask ${this.#offer.from} to send it again.`
    if (error.code === 'SERVERS_APART') return apartFromSentence(this.#offer.from)
    if (error.code === 'OFFER_ENDED') return 'The offer is over, and nothing was kept.'
    return pageSentenceOf(error, { file: this.#offer.name })
  }

  #stopButton(): HTMLButtonElement {
    return makeButton('Stop', () => this.stop())
  }
}
