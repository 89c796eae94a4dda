import type { ChatClock } from '../../chat-clock.ts'
import type { ClosedOffer, FileOffer, OfferEnd, TakerEnd } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import { nameKey } from '../../text-rules.ts'
import type { Visitor } from '../visitor.ts'
import { NewsQueue } from './news-queue.ts'
import { Taker } from './taker.ts'

/** Through these methods, an offer reaches its room. */
export interface OfferEvents {
  /** The names of the members of the room. */
  members(): readonly string[]
  /** The file can no longer be taken. */
  closed(why: ClosedOffer['why']): void
  over(end: OfferEnd): void
}

/**
 * One file, from its offer to the last receipt of its takers. The transfer starts when every other member of the room
 * has answered and at least one takes the file, or `fileGatherMs` after the first taker. Later takers are too late.
 */
export class Offer {
  readonly facts: FileOffer
  readonly owner: Visitor
  /** The key of the room. */
  readonly room: string
  readonly news = new NewsQueue()
  /** By the identity of the person, because a member of another server has no session here. */
  readonly #takers = new Map<string, Taker>()
  readonly #answered = new Set<string>()
  readonly #clock: ChatClock
  readonly #events: OfferEvents
  readonly #over = new AbortController()
  #stopExpiry: () => void
  #stopGathering: (() => void) | undefined
  #state: 'open' | 'begun' | 'over' = 'open'
  #end: OfferEnd | undefined
  #allGiven = false
  #wake: (() => void) | undefined

  constructor(facts: FileOffer, owner: Visitor, room: string, clock: ChatClock, events: OfferEvents) {
    this.facts = facts
    this.owner = owner
    this.room = room
    this.#clock = clock
    this.#events = events
    this.#stopExpiry = this.#expiry()
    this.#tell({ kind: 'offered', file: facts.file })
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Aborted when it is over. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Why it is over. */
  get end(): OfferEnd | undefined {
    return this.#end
  }

  /** The takers that have not ended. */
  get takers(): Taker[] {
    return [...this.#takers.values()].filter(({ isOver }) => !isOver)
  }

  /** Bytes that wait for takers. Each piece is held once, and all of them wait for the slowest taker. */
  get heldBytes(): number {
    return Math.max(0, ...this.takers.map(({ waitingBytes }) => waitingBytes))
  }

  isTakenBy(identity: string): boolean {
    return this.#takers.get(identity)?.isOver === false
  }

  /** Adds a taker. The caller has checked that this is allowed. */
  take(identity: string, name: string): Taker {
    const taker = new Taker(
      name,
      () => this.#clock.nowMs(),
      () => this.#wake?.(),
    )
    this.#takers.set(identity, taker)
    this.#answered.add(nameKey(name))
    this.#tell({ kind: 'taken', name })
    this.#stopExpiry()
    this.#stopGathering ??= this.#clock.after(limits.fileGatherMs, () => this.#begin())
    this.considerBeginning()
    return taker
  }

  decline(name: string): void {
    const key = nameKey(name)
    if (this.#answered.has(key)) return
    this.#answered.add(key)
    this.#tell({ kind: 'declined', name })
    this.considerBeginning()
  }

  /** Starts the transfer if all members have answered. Called when a member has answered or has left the room. */
  considerBeginning(): void {
    if (!this.isOpen || this.takers.length === 0) return
    const own = nameKey(this.facts.from)
    const waited = this.#events
      .members()
      .map(nameKey)
      .filter((key) => key !== own && !this.#answered.has(key))
    if (waited.length === 0) this.#begin()
  }

  /** Settles when the transfer starts, or when the offer is over. */
  async begun(): Promise<void> {
    while (this.isOpen) await this.change()
  }

  /** Gives a piece of the file to all takers. */
  give(chunk: Uint8Array): void {
    for (const taker of this.takers) taker.push(chunk)
  }

  /** All pieces were given. The offer is done when every taker has sent its receipt. */
  complete(): void {
    this.#allGiven = true
    for (const taker of this.takers) taker.complete()
  }

  /** Tells the sender which takers hold up the transfer, or that it continues. */
  tellStanding(takers: readonly Taker[]): void {
    if (takers.length === 0) this.#tell({ kind: 'goesOn' })
    else this.#tell({ kind: 'stands', takers: takers.map(({ name }) => name) })
  }

  /** A taker has ended, with or without the file. A second end of the same taker is ignored. */
  takerEnded(taker: Taker, end: TakerEnd): void {
    if (!taker.stop({ taker: end })) return
    this.#tell({ kind: 'ended', name: taker.name, end })
    if (this.takers.length > 0) this.#wake?.()
    else if (this.#state === 'begun') this.finish(this.#allGiven ? 'done' : 'abandoned')
    else if (this.isOpen) this.#waitAnew()
  }

  /** All takers have left again before the start. */
  #waitAnew(): void {
    this.#stopGathering?.()
    this.#stopGathering = undefined
    this.#stopExpiry = this.#expiry()
  }

  /** Ends it for everybody. The first end counts. */
  finish(end: OfferEnd): void {
    if (this.#state === 'over') return
    const wasOpen = this.isOpen
    this.#state = 'over'
    this.#end = end
    this.#stopExpiry()
    this.#stopGathering?.()
    for (const taker of this.takers) taker.stop({ offer: end })
    this.news.close()
    this.#over.abort()
    this.#wake?.()
    if (wasOpen) this.#events.closed(end)
    this.#events.over(end)
  }

  /**
   * Settles at the next change (a taker has taken a piece or has ended, or the offer has ended), or after `patienceMs`.
   */
  async change(patienceMs?: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = patienceMs === undefined ? undefined : this.#clock.after(patienceMs, resolve)
      this.#wake = () => {
        stop?.()
        resolve()
      }
    })
  }

  #expiry(): () => void {
    return this.#clock.after(limits.fileOfferMs, () => this.finish('expired'))
  }

  #begin(): void {
    this.#state = 'begun'
    this.#stopExpiry()
    this.#stopGathering?.()
    this.#tell({ kind: 'begun', takers: this.takers.map(({ name }) => name) })
    this.#events.closed('begun')
    this.#wake?.()
  }

  #tell(news: Parameters<NewsQueue['add']>[0]): void {
    if (!this.news.add(news)) this.finish('stalled')
  }
}
