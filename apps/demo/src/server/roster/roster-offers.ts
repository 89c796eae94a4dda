import type { ClosedOffer, FileOffer } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import type { OfferChange } from './roster-change.ts'
import type { RosterMember } from './roster-member.ts'

/** A file that a member of any server offers to a room. */
export interface RosterOffer {
  /** The number of the change by which it was offered. No other offer has it. */
  readonly number: number
  readonly facts: FileOffer
  /** The key of the room. */
  readonly room: string
  readonly by: string
  /** The server that has the bytes. */
  readonly server: string
}

export type OfferRefused =
  | { readonly code: 'NOT_IN_ROOM' }
  | { readonly code: 'FILES_FULL'; readonly of: 'room'; readonly filesMax: number }

export type OfferEffect =
  | { readonly kind: 'offered'; readonly ask: number; readonly offer: RosterOffer }
  | { readonly kind: 'offerRefused'; readonly ask: number; readonly refusal: OfferRefused }
  | { readonly kind: 'offerClosed'; readonly offer: RosterOffer; readonly why: ClosedOffer['why'] }

/** The files that can be taken, on all servers of the chat. */
export class RosterOffers {
  readonly #offers = new Map<number, RosterOffer>()
  /** The newest transfers that have started, with their rooms. A member that comes too late gets `HAS_BEGUN`. */
  readonly #begun = new Map<number, string>()
  #files = 0

  /** The number of offers so far, which is also the number of the last one, as people see it. */
  get files(): number {
    return this.#files
  }

  get(number: number): RosterOffer | undefined {
    return this.#offers.get(number)
  }

  /** The offers of a server, the oldest first. */
  of(server: string): RosterOffer[] {
    return [...this.#offers.values()].filter((offer) => offer.server === server)
  }

  /** The offers of a room, the oldest first. */
  in(room: string): RosterOffer[] {
    return [...this.#offers.values()].filter((offer) => offer.room === room)
  }

  hasBegun(room: string, file: number): boolean {
    return this.#begun.get(file) === room
  }

  /** @param member the member who offers the file; undefined if it has left */
  add(
    { ask, head, filesBefore }: OfferChange,
    member: RosterMember | undefined,
    number: number,
  ): OfferEffect {
    if (member === undefined) return { kind: 'offerRefused', ask, refusal: { code: 'NOT_IN_ROOM' } }
    const filesMax = limits.roomFilesMax
    if (this.in(member.room).length >= filesMax)
      return { kind: 'offerRefused', ask, refusal: { code: 'FILES_FULL', of: 'room', filesMax } }
    this.count(filesBefore)
    this.#files += 1
    return { kind: 'offered', ask, offer: this.#put(member, number, this.#files, head) }
  }

  /** Another server knows of `files` offers. A server that started late has not seen all of them. */
  count(files: number): void {
    this.#files = Math.max(this.#files, files)
  }

  close(number: number, why: ClosedOffer['why']): OfferEffect[] {
    const offer = this.#offers.get(number)
    if (offer === undefined) return []
    this.#offers.delete(number)
    if (why === 'begun') this.#keepBegun(offer)
    return [{ kind: 'offerClosed', offer, why }]
  }

  /** Closes the offers for which `isOver` returns true. */
  closeAll(isOver: (offer: RosterOffer) => boolean, why: ClosedOffer['why']): OfferEffect[] {
    return [...this.#offers.values()].filter(isOver).flatMap(({ number }) => this.close(number, why))
  }

  /**
   * Adds an offer of another server that this server may have missed. This publishes no event, because the room was
   * notified at the time of the offer.
   */
  know(
    member: RosterMember,
    {
      offer,
      file,
      head,
    }: { readonly offer: number; readonly file: number; readonly head: OfferChange['head'] },
  ): void {
    this.count(file)
    this.#put(member, offer, file, head)
  }

  #keepBegun({ facts, room }: RosterOffer): void {
    this.#begun.set(facts.file, room)
    const [oldest] = this.#begun.keys()
    if (oldest !== undefined && this.#begun.size > limits.filesMax) this.#begun.delete(oldest)
  }

  #put(member: RosterMember, number: number, file: number, head: OfferChange['head']): RosterOffer {
    const { by, room, session, name: from } = member
    const offer = { number, facts: { file, ...head, from }, room, by, server: session.server }
    this.#offers.set(number, offer)
    return offer
  }
}
