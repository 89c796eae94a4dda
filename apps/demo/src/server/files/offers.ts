import type { ChatClock } from '../../chat-clock.ts'
import type { ClosedOffer, FileOffer } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import { accepted, type NotInRoom, type Outcome, refused, type TooFast } from '../outcome.ts'
import type { OfferRefused, RosterOffer } from '../roster/roster-offers.ts'
import { tooFastFor, type Visitor } from '../visitor.ts'
import { Offer } from './offer.ts'
import type { Taker } from './taker.ts'

/** Notifies the members of a room of files. */
export interface OfferOutlet {
  offer(roomKey: string, offer: FileOffer): void
  offerClosed(roomKey: string, closed: ClosedOffer): void
}

/** The files that can be taken, on all servers of the chat. */
export interface OfferBoard {
  /** Rejects when the servers do not reach each other. */
  offer(visitor: Visitor, head: Pick<FileOffer, 'name' | 'bytes'>): Promise<RosterOffer | OfferRefused>
  /** Closes an offer of this server. */
  close(number: number, why: ClosedOffer['why']): void
  get(number: number): RosterOffer | undefined
  in(roomKey: string): readonly RosterOffer[]
  /** Whether the transfer of a file that is no longer offered has started. */
  hasBegun(roomKey: string, file: number): boolean
  /** The names of the members of a room. */
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
  | { readonly code: 'SERVERS_APART' }
type NoSuchFile = { readonly code: 'NO_SUCH_FILE' }
/** The reason why a member of the room cannot take a file. */
export type NotTaken =
  | NoSuchFile
  | { readonly code: 'HAS_BEGUN' }
  | { readonly code: 'OWN_FILE' }
  | { readonly code: 'TAKEN_ALREADY' }
export type TakeRefusal = NotInRoom | TooFast | FilesFull | NotTaken

/** A file of this server that a member takes. */
export interface TakenHere {
  readonly offer: Offer
  readonly taker: Taker
}

/** A file that another server has. Call `end` when the member no longer takes it. */
export interface TakenElsewhere {
  readonly elsewhere: RosterOffer
  readonly name: string
  end(): void
}

/** All files that are offered or being sent through this server. A byte is kept only until all takers have read it. */
export class Offers {
  readonly #clock: ChatClock
  readonly #board: OfferBoard
  /** By their numbers on the board. */
  readonly #offers = new Map<number, Offer>()
  /** Members that wait for a place on the board. They count, too. */
  readonly #asking: Visitor[] = []
  /** The members that take files of other servers, one entry for each file. */
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
      return refused({ code: 'SERVERS_APART' })
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

  /** A member of another server takes a file of this one. The other server has checked its limits. */
  takeFor(identity: string, name: string, number: number): Outcome<TakenHere, NotTaken> {
    const offer = this.#offers.get(number)
    if (offer === undefined) return refused({ code: 'NO_SUCH_FILE' })
    if (offer.isTakenBy(identity)) return refused({ code: 'TAKEN_ALREADY' })
    if (!offer.isOpen) return refused({ code: 'HAS_BEGUN' })
    return accepted({ offer, taker: offer.take(identity, name) })
  }

  /** @returns the offer if another server has the file and has to be notified */
  decline(
    visitor: Visitor,
    file: number,
  ): Outcome<RosterOffer | undefined, NotInRoom | TooFast | NoSuchFile> {
    const found = this.#find(visitor, file)
    if (!found.ok) {
      // The transfer starts without the member that declined.
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

  /** A member has left a room, so the offers no longer wait for its answer. */
  memberLeft(room: string): void {
    for (const offer of this.#all()) if (offer.room === room) offer.considerBeginning()
  }

  /** An offer is no longer on the board. A transfer that has started was accepted by both sides, and continues. */
  closed(number: number, why: ClosedOffer['why']): void {
    const offer = this.#offers.get(number)
    if (offer?.isOpen === true && why !== 'begun') offer.finish(why)
  }

  /** Ends offers that have not started, before the server closes. */
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

  /** For a running transfer, its participants get a more precise reason. */
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
