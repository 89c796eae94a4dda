import { safe } from '@frameport/client'
import { byteSize } from '../../byte-sizes.ts'
import type { ClosedOffer, FileOffer } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import type { FileProgress } from '../../member/file-progress.ts'
import type { FilesOfMember, RoomFiles } from '../../member/room-files.ts'
import { nameKey } from '../../text-rules.ts'
import { makeButton } from '../dom.ts'
import type { LinesView } from '../lines-view.ts'
import { pageSentenceOf } from '../sentences.ts'
import { FileCard } from './file-card.ts'
import { PageSender, sourceFault } from './send-file.ts'
import { PageTaker } from './take-file.ts'

/** A running transfer. */
interface Running {
  /** The number of the file that is taken. */
  readonly file?: number
  readonly progress: FileProgress
  readonly card: FileCard
  stop(): void
}

/** The files of the person at this page, each as a card among the lines. */
export class PageFiles implements RoomFiles {
  readonly #facts: FilesOfMember
  readonly #lines: LinesView
  /** The files that can be taken, by number. */
  readonly #offers = new Map<number, { readonly offer: FileOffer; readonly card: FileCard }>()
  readonly #running = new Map<Running, Promise<void>>()
  /** The cards of transfers. Useful ones stay when the person changes rooms. */
  readonly #cards = new Set<FileCard>()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(facts: FilesOfMember, lines: LinesView) {
    this.#facts = facts
    this.#lines = lines
  }

  entered(offers: readonly FileOffer[]): void {
    for (const number of this.#offers.keys())
      if (!offers.some(({ file }) => file === number)) this.#offers.delete(number)
    for (const offer of offers) this.heardOffer(offer)
    // The lines of the previous room were removed, and these cards with them.
    for (const card of this.#cards) {
      if (!card.isOfUse) this.#cards.delete(card)
      else if (!card.row.isConnected) this.#lines.append(card.row)
    }
  }

  heardOffer(offer: FileOffer): void {
    if (nameKey(offer.from) === nameKey(this.#facts.name) || this.#offers.has(offer.file)) return
    // A person who comes back into the room has already answered this offer.
    if ([...this.#running.keys()].some(({ file }) => file === offer.file)) return
    const card = new FileCard(
      `${offer.from} offers ${offer.name} (${byteSize(offer.bytes)}).`,
      `Progress of ${offer.name}`,
    )
    this.#offers.set(offer.file, { offer, card })
    card.state(
      '',
      makeButton('Take it', () => void this.#take(offer, card)),
      makeButton('No, thanks', () => void this.#decline(offer, card)),
    )
    this.#lines.append(card.row)
  }

  heardClosed({ file, why }: ClosedOffer): void {
    const offered = this.#offers.get(file)
    this.#offers.delete(file)
    offered?.card.state(
      why === 'begun' ? 'It is too late: the transfer to others has started.' : 'The offer is over.',
    )
  }

  async list(): Promise<void> {
    const listed = await safe(this.#facts.client.files.list({ deadlineMs: limits.callDeadlineMs }))
    if (listed.ok) this.entered(listed.data.files)
  }

  async stop(): Promise<void> {
    const running = [...this.#running]
    for (const [one] of running) one.stop()
    await Promise.all(running.map(([, done]) => done))
  }

  /** @returns a sentence when it cannot be offered */
  async send(file: File): Promise<string | undefined> {
    const fault = sourceFault(file)
    if (fault !== undefined) return fault
    await this.#facts.ready()
    const sender = new PageSender(file, this.#facts)
    this.#lines.append(sender.card.row)
    this.#lines.scrollToEnd()
    void this.#run(sender, () => sender.run())
    return undefined
  }

  async #take(offer: FileOffer, card: FileCard): Promise<void> {
    this.#offers.delete(offer.file)
    await this.#facts.ready()
    const taker = new PageTaker(offer, card, this.#facts)
    const { file } = offer
    await this.#run({ file, progress: taker.progress, card, stop: () => taker.stop() }, () => taker.run())
  }

  async #decline(offer: FileOffer, card: FileCard): Promise<void> {
    this.#offers.delete(offer.file)
    card.state('You have declined it.')
    const declined = await safe(
      this.#facts.client.files.decline({ file: offer.file }, { deadlineMs: limits.callDeadlineMs }),
    )
    if (!declined.ok) card.state(pageSentenceOf(declined.error))
  }

  async #run(one: Running, run: () => Promise<void>): Promise<void> {
    const done = run()
    this.#running.set(one, done)
    this.#cards.add(one.card)
    this.#timer ??= setInterval(() => this.#draw(), limits.progressIntervalMs)
    await done
    this.#running.delete(one)
    if (this.#running.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #draw(): void {
    for (const { card, progress } of this.#running.keys()) card.progress(progress)
  }
}
