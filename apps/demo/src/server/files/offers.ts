import type { ChatClock } from '../../chat-clock.ts'
import type { ClosedOffer, FileOffer, OfferEnd } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import { accepted, type NotInRoom, type Outcome, refused, type TooFast } from '../outcome.ts'
import { tooFastFor, type Visitor } from '../visitor.ts'
import { Offer } from './offer.ts'
import type { Taker } from './taker.ts'

/** Through this the members of a room hear of files. */
export interface OfferOutlet {
  offer(roomKey: string, offer: FileOffer): void
  offerClosed(roomKey: string, closed: ClosedOffer): void
}

interface FilesFull {
  readonly code: 'FILES_FULL'
  readonly of: 'member' | 'room' | 'server'
  readonly filesMax: number
}
export type OfferRefusal = NotInRoom | TooFast | FilesFull
type NoSuchFile = { readonly code: 'NO_SUCH_FILE' }
export type TakeRefusal =
  | OfferRefusal
  | NoSuchFile
  | { readonly code: 'HAS_BEGUN' }
  | { readonly code: 'OWN_FILE' }
  | { readonly code: 'TAKEN_ALREADY' }

/** Every file that is offered or on its way. No byte of one is kept longer than until it was taken. */
export class Offers {
  readonly #outlet: OfferOutlet
  readonly #clock: ChatClock
  readonly #membersOf: (roomKey: string) => readonly string[]
  readonly #offers = new Map<number, Offer>()
  #lastFile = 0

  /** @param membersOf names of those in a room, on all servers */
  constructor(outlet: OfferOutlet, clock: ChatClock, membersOf: (roomKey: string) => readonly string[]) {
    this.#outlet = outlet
    this.#membersOf = membersOf
    this.#clock = clock
  }

  get count(): number {
    return this.#offers.size
  }

  /** Bytes of files that were sent and not taken, over all offers. */
  get heldBytes(): number {
    return this.#all().reduce((sum, { heldBytes }) => sum + heldBytes, 0)
  }

  offer(visitor: Visitor, head: Pick<FileOffer, 'name' | 'bytes'>): Outcome<Offer, OfferRefusal> {
    const { room, name: from } = visitor
    if (room === undefined || from === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const full = this.#full(visitor, room)
    if (full !== undefined) return refused(full)
    const tooFast = tooFastFor(visitor)
    if (tooFast !== undefined) return refused(tooFast)
    this.#lastFile += 1
    const facts = { file: this.#lastFile, ...head, from }
    const offer = new Offer(facts, visitor, room, this.#clock, {
      members: () => this.#membersOf(room),
      closed: (why) => this.#outlet.offerClosed(room, { file: facts.file, why }),
      over: () => this.#offers.delete(facts.file),
    })
    this.#offers.set(facts.file, offer)
    this.#outlet.offer(room, facts)
    return accepted(offer)
  }

  take(
    visitor: Visitor,
    file: number,
  ): Outcome<{ readonly offer: Offer; readonly taker: Taker }, TakeRefusal> {
    const found = this.#find(visitor, file)
    if (!found.ok) return found
    const { offer, name } = found.value
    if (offer.owner === visitor) return refused({ code: 'OWN_FILE' })
    if (offer.isTakenBy(visitor)) return refused({ code: 'TAKEN_ALREADY' })
    if (!offer.isOpen) return refused({ code: 'HAS_BEGUN' })
    if (this.#all().filter((other) => other.isTakenBy(visitor)).length >= limits.memberTakesMax)
      return refused({ code: 'FILES_FULL', of: 'member', filesMax: limits.memberTakesMax })
    return accepted({ offer, taker: offer.take(visitor, name) })
  }

  decline(visitor: Visitor, file: number): Outcome<void, NotInRoom | TooFast | NoSuchFile> {
    const found = this.#find(visitor, file)
    if (!found.ok) return found
    const { offer, name } = found.value
    if (offer.isOpen && offer.owner !== visitor) offer.decline(name)
    return accepted(undefined)
  }

  /** The files of a room that may be taken, the oldest first. */
  openIn(room: string): FileOffer[] {
    return this.#all()
      .filter((offer) => offer.isOpen && offer.room === room)
      .map(({ facts }) => facts)
  }

  /**
   * A member has left a room. What it offers there and has not begun is over; what is on its way was agreed upon by both
   * sides and goes on.
   *
   * @param visitor undefined for one of another server
   */
  memberLeft(visitor: Visitor | undefined, room: string, end: OfferEnd): void {
    for (const offer of this.#all()) {
      if (offer.room !== room || !offer.isOpen) continue
      if (offer.owner === visitor) offer.finish(end)
      else offer.considerBeginning()
    }
  }

  /** Ends what has not begun, before the server closes. */
  close(): void {
    for (const offer of this.#all()) if (offer.isOpen) offer.finish('closing')
  }

  #find(
    visitor: Visitor,
    file: number,
  ): Outcome<{ offer: Offer; name: string }, NotInRoom | TooFast | NoSuchFile> {
    const { room, name } = visitor
    if (room === undefined || name === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const tooFast = tooFastFor(visitor)
    if (tooFast !== undefined) return refused(tooFast)
    const offer = this.#offers.get(file)
    return offer?.room === room ? accepted({ offer, name }) : refused({ code: 'NO_SUCH_FILE' })
  }

  #full(visitor: Visitor, room: string): FilesFull | undefined {
    const all = this.#all()
    const shares = [
      ['member', all.filter(({ owner }) => owner === visitor).length, limits.memberFilesMax],
      ['room', all.filter((offer) => offer.room === room).length, limits.roomFilesMax],
      ['server', all.length, limits.filesMax],
    ] as const
    const full = shares.find(([, files, filesMax]) => files >= filesMax)
    return full && { code: 'FILES_FULL', of: full[0], filesMax: full[2] }
  }

  #all(): Offer[] {
    return [...this.#offers.values()]
  }
}
