import type { ChatClock } from '../../chat-clock.ts'
import type { ClosedOffer, FileOffer } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import { accepted, type NotInRoom, type Outcome, refused, type TooFast } from '../outcome.ts'
import type { OfferRefused, RosterOffer } from '../roster/roster-offers.ts'
import { tooFastFor, type Visitor } from '../visitor.ts'
import { Offer } from './offer.ts'
import type { Taker } from './taker.ts'

/** Through this the members of a room hear of files. */
export interface OfferOutlet {
  offer(roomKey: string, offer: FileOffer): void
  offerClosed(roomKey: string, closed: ClosedOffer): void
}

/** What can be taken, on all servers of the chat. */
export interface OfferBoard {
  /** Rejects when the servers do not reach each other. */
  offer(visitor: Visitor, head: Pick<FileOffer, 'name' | 'bytes'>): Promise<RosterOffer | OfferRefused>
  /** One of this server is over. */
  close(number: number, why: ClosedOffer['why']): void
  get(number: number): RosterOffer | undefined
  in(roomKey: string): readonly RosterOffer[]
  /** Whether one that is not there any more has begun. */
  hasBegun(roomKey: string, file: number): boolean
  /** Names of those in a room. */
  members(roomKey: string): readonly string[]
}

interface FilesFull {
  readonly code: 'FILES_FULL'
  readonly of: 'member' | 'room' | 'server'
  readonly filesMax: number
}
export type OfferRefusal =
  | NotInRoom
  | TooFast
  | FilesFull
  /** The servers of the chat do not reach each other. */
  | { readonly code: 'ALONE' }
type NoSuchFile = { readonly code: 'NO_SUCH_FILE' }
/** Why somebody in the room of a file cannot take it. */
export type NotTaken =
  | NoSuchFile
  | { readonly code: 'HAS_BEGUN' }
  | { readonly code: 'OWN_FILE' }
  | { readonly code: 'TAKEN_ALREADY' }
export type TakeRefusal = NotInRoom | TooFast | FilesFull | NotTaken

/** A file of this server that somebody takes. */
export interface TakenHere {
  readonly offer: Offer
  readonly taker: Taker
}

/** A file that another server has. `end` has to be called when the member does not take it any more. */
export interface TakenElsewhere {
  readonly elsewhere: RosterOffer
  readonly name: string
  end(): void
}

/** Every file that is offered or on its way through this server. No byte of one is kept longer than until it was taken. */
export class Offers {
  readonly #clock: ChatClock
  readonly #board: OfferBoard
  /** By their numbers on the board. */
  readonly #offers = new Map<number, Offer>()
  /** Who waits for a place on the board: they count, too. */
  readonly #asking: Visitor[] = []
  /** Who takes files of other servers, once for each. */
  readonly #takingElsewhere: Visitor[] = []

  constructor(clock: ChatClock, board: OfferBoard) {
    this.#board = board
    this.#clock = clock
  }

  get count(): number {
    return this.#offers.size
  }

  /** Bytes of files that were sent and not taken, over all offers. */
  get heldBytes(): number {
    return this.#all().reduce((sum, { heldBytes }) => sum + heldBytes, 0)
  }

  async offer(
    visitor: Visitor,
    head: Pick<FileOffer, 'name' | 'bytes'>,
  ): Promise<Outcome<Offer, OfferRefusal>> {
    const { room, name } = visitor
    if (room === undefined || name === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const full = this.#full(visitor, room)
    if (full !== undefined) return refused(full)
    const tooFast = tooFastFor(visitor)
    if (tooFast !== undefined) return refused(tooFast)
    this.#asking.push(visitor)
    let offered: RosterOffer | OfferRefused
    try {
      offered = await this.#board.offer(visitor, head)
    } catch {
      return refused({ code: 'ALONE' })
    } finally {
      leave(this.#asking, visitor)
    }
    if ('code' in offered) return refused(offered)
    // The owner has left meanwhile.
    if (this.#board.get(offered.number) === undefined) return refused({ code: 'NOT_IN_ROOM' })
    return accepted(this.#open(visitor, offered))
  }

  take(visitor: Visitor, file: number): Outcome<TakenHere | TakenElsewhere, TakeRefusal> {
    const found = this.#find(visitor, file)
    if (!found.ok) return refused(this.#begunFor(visitor, file, found.refusal))
    const { offered, name } = found.value
    if (offered.by === visitor.identity) return refused({ code: 'OWN_FILE' })
    const here = this.#offers.get(offered.number)
    if (here?.isTakenBy(visitor.identity) === true) return refused({ code: 'TAKEN_ALREADY' })
    if (here?.isOpen === false) return refused({ code: 'HAS_BEGUN' })
    if (this.#takesOf(visitor) >= limits.memberTakesMax)
      return refused({ code: 'FILES_FULL', of: 'member', filesMax: limits.memberTakesMax })
    if (here !== undefined) return accepted({ offer: here, taker: here.take(visitor.identity, name) })
    this.#takingElsewhere.push(visitor)
    return accepted({ elsewhere: offered, name, end: () => leave(this.#takingElsewhere, visitor) })
  }

  /** Somebody on another server, which has looked at its limits, takes a file of this one. */
  takeFor(identity: string, name: string, number: number): Outcome<TakenHere, NotTaken> {
    const offer = this.#offers.get(number)
    if (offer === undefined) return refused({ code: 'NO_SUCH_FILE' })
    if (offer.isTakenBy(identity)) return refused({ code: 'TAKEN_ALREADY' })
    if (!offer.isOpen) return refused({ code: 'HAS_BEGUN' })
    return accepted({ offer, taker: offer.take(identity, name) })
  }

  /** @returns the file, when another server has it and is to be told */
  decline(
    visitor: Visitor,
    file: number,
  ): Outcome<RosterOffer | undefined, NotInRoom | TooFast | NoSuchFile> {
    const found = this.#find(visitor, file)
    if (!found.ok) {
      // It goes out without the one who does not want it.
      return found.refusal.code === 'HAS_BEGUN' ? accepted(undefined) : refused(found.refusal)
    }
    const { offered, name } = found.value
    if (offered.by === visitor.identity) return accepted(undefined)
    if (!this.#offers.has(offered.number)) return accepted(offered)
    this.declineFor(name, offered.number)
    return accepted(undefined)
  }

  declineFor(name: string, number: number): void {
    const offer = this.#offers.get(number)
    if (offer?.isOpen === true) offer.decline(name)
  }

  /** The files of a room that may be taken, the oldest first. */
  openIn(room: string): FileOffer[] {
    return this.#board.in(room).map(({ facts }) => facts)
  }

  /** Somebody has left a room: nobody waits for the answer. */
  memberLeft(room: string): void {
    for (const offer of this.#all()) if (offer.room === room) offer.considerBeginning()
  }

  /** One is not on the board any more. What is on its way was agreed upon by both sides and goes on. */
  closed(number: number, why: ClosedOffer['why']): void {
    const offer = this.#offers.get(number)
    if (offer?.isOpen === true && why !== 'begun') offer.finish(why)
  }

  /** Ends what has not begun, before the server closes. */
  close(): void {
    for (const offer of this.#all()) if (offer.isOpen) offer.finish('closing')
  }

  #open(visitor: Visitor, { number, facts, room }: RosterOffer): Offer {
    const offer = new Offer(facts, visitor, room, this.#clock, {
      members: () => this.#board.members(room),
      closed: (why) => {
        if (this.#board.get(number) !== undefined) this.#board.close(number, why)
      },
      over: () => this.#offers.delete(number),
    })
    this.#offers.set(number, offer)
    return offer
  }

  #find(
    visitor: Visitor,
    file: number,
  ): Outcome<
    { readonly offered: RosterOffer; readonly name: string },
    NotInRoom | TooFast | NoSuchFile | { readonly code: 'HAS_BEGUN' }
  > {
    const { room, name } = visitor
    if (room === undefined || name === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const tooFast = tooFastFor(visitor)
    if (tooFast !== undefined) return refused(tooFast)
    const offered = this.#board.in(room).find(({ facts }) => facts.file === file)
    if (offered !== undefined) return accepted({ offered, name })
    return refused({ code: this.#board.hasBegun(room, file) ? 'HAS_BEGUN' : 'NO_SUCH_FILE' })
  }

  /** Of a file that is on its way, more can be said to those who have to do with it. */
  #begunFor<Refusal extends { readonly code: string }>(
    { identity }: Visitor,
    file: number,
    refusal: Refusal,
  ): Refusal | { readonly code: 'OWN_FILE' } | { readonly code: 'TAKEN_ALREADY' } {
    const begun = refusal.code === 'HAS_BEGUN' && this.#all().find(({ facts }) => facts.file === file)
    if (!begun) return refusal
    if (begun.owner.identity === identity) return { code: 'OWN_FILE' }
    return begun.isTakenBy(identity) ? { code: 'TAKEN_ALREADY' } : refusal
  }

  #takesOf(visitor: Visitor): number {
    const here = this.#all().filter((offer) => offer.isTakenBy(visitor.identity)).length
    return here + this.#takingElsewhere.filter((other) => other === visitor).length
  }

  #full(visitor: Visitor, room: string): FilesFull | undefined {
    const all = [
      ...this.#all().map((offer) => ({ by: offer.owner.identity, room: offer.room })),
      ...this.#asking.map((asking) => ({ by: asking.identity, room: asking.room })),
    ]
    const shares = [
      ['member', all.filter(({ by }) => by === visitor.identity).length, limits.memberFilesMax],
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

function leave(visitors: Visitor[], visitor: Visitor): void {
  const at = visitors.indexOf(visitor)
  if (at !== -1) visitors.splice(at, 1)
}
