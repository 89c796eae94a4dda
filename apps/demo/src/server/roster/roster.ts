import type { Presence } from '../../chat-contract.ts'
import { limits } from '../../limits.ts'
import { nameKey } from '../../text-rules.ts'
import type { JoinChange, RosterChange, SessionKey, WithChange } from './roster-change.ts'
import type { RosterMember, RosterRoom } from './roster-member.ts'
import { type NameTaken, RosterNames } from './roster-names.ts'
import { type OfferEffect, type RosterOffer, RosterOffers } from './roster-offers.ts'

export type RoomRefused =
  | ({ readonly code: 'NAME_TAKEN' } & NameTaken)
  | { readonly code: 'ROOM_FULL'; readonly membersMax: number }
  | { readonly code: 'ROOMS_FULL'; readonly roomsMax: number }

/** An effect of a change. */
export type RosterEffect =
  | { readonly kind: 'presence'; readonly room: string; readonly presence: Presence }
  /**
   * A member left a room, or a later session replaced its session. `forgotten`: the other servers considered its server
   * dead.
   */
  | {
      readonly kind: 'left'
      readonly member: RosterMember
      readonly why: 'left' | 'quit' | 'lost' | 'replaced' | 'forgotten'
    }
  | { readonly kind: 'joined'; readonly member: RosterMember }
  | { readonly kind: 'refused'; readonly session: SessionKey; readonly refusal: RoomRefused }
  | OfferEffect

export interface RosterLimits {
  readonly roomsMax: number
}

/**
 * The members of all rooms, on all servers of the chat. The roster is a pure fold over the changes: equal changes give
 * equal rosters.
 */
export class Roster {
  readonly #limits: RosterLimits
  readonly #members = new Map<string, RosterMember>()
  readonly #rooms = new Map<string, { name: string; members: Map<string, RosterMember> }>()
  readonly #names = new RosterNames()
  /** The numbers of the newest changes by which members left. An older list of a server does not bring them back. */
  readonly #leftAt = new Map<string, number>()
  /** The files that can be taken. */
  readonly offers = new RosterOffers()
  #effects: RosterEffect[] = []
  /** The number of the change that is being applied. */
  #number = 0

  constructor(given: Partial<RosterLimits> = {}) {
    this.#limits = { roomsMax: limits.roomsMax, ...given }
  }

  get members(): ReadonlyMap<string, RosterMember> {
    return this.#members
  }

  /** The keys of the rooms that have members. */
  get rooms(): Iterable<string> {
    return this.#rooms.keys()
  }

  room(key: string): RosterRoom | undefined {
    return this.#rooms.get(key)
  }

  /** @param number the number of the change in the log. @returns the effects of the change, in order */
  apply(change: RosterChange, number: number): readonly RosterEffect[] {
    this.#effects = []
    this.#number = number
    switch (change.kind) {
      case 'join':
        this.#join(change)
        break
      case 'away': {
        const member = this.#memberOf(change.by, change.session)
        if (member !== undefined) this.#tellAway(member, change.isAway, change.atMs)
        break
      }
      case 'leave': {
        const member = this.#memberOf(change.by, change.session)
        if (member === undefined) break
        this.#remove(member, change.why, change.atMs)
        if (change.why === 'lost' && change.heldMs > 0) this.#names.hold(member.name, member.by, change)
        break
      }
      case 'down':
        for (const member of this.#of(change.server)) this.#tellAway(member, true, change.atMs)
        // The bytes of its files are lost with it.
        this.#effects.push(...this.offers.closeAll(({ server }) => server === change.server, 'lost'))
        break
      case 'forget':
        for (const member of this.#of(change.server)) this.#remove(member, 'lost', change.atMs, 'forgotten')
        break
      case 'with':
        this.#forgetOthers(change)
        for (const member of change.members) this.#know({ ...member, atMs: change.atMs, asOf: change.asOf })
        this.#knowOffers(change)
        break
      case 'offer':
        this.#effects.push(this.offers.add(change, this.#memberOf(change.by, change.session), number))
        break
      case 'offerClosed':
        this.#effects.push(...this.offers.close(change.offer, change.why))
        break
    }
    return this.#effects
  }

  #join({ by, session, name, room, atMs, membersMax }: JoinChange): void {
    const before = this.#members.get(by)
    const refusal = this.#refusal({ by, name, room, atMs, membersMax }, before)
    if (refusal !== undefined) {
      this.#effects.push({ kind: 'refused', session, refusal })
      return
    }
    const key = nameKey(room)
    const goesOn = before !== undefined && before.room === key && nameKey(before.name) === nameKey(name)
    if (before !== undefined && goesOn) {
      if (!isSame(before.session, session)) this.#replace(before)
      this.#put({ ...before, session, since: this.#number })
      this.#effects.push({ kind: 'joined', member: this.#members.get(by) as RosterMember })
      this.#tellAway(this.#members.get(by) as RosterMember, false, atMs)
      return
    }
    if (before !== undefined)
      this.#remove(before, 'left', atMs, isSame(before.session, session) ? 'left' : 'replaced')
    this.#names.claim(name, by)
    const member: RosterMember = { by, session, name, room: key, isAway: false, since: this.#number }
    this.#put(member, room)
    this.#effects.push({ kind: 'joined', member })
    this.#presence(member, 'joined', atMs)
  }

  /** Another session of the same person replaces this one, which ends its file offers. */
  #replace(member: RosterMember): void {
    this.#effects.push(...this.offers.closeAll(({ by }) => by === member.by, 'lost'))
    this.#effects.push({ kind: 'left', member, why: 'replaced' })
  }

  #refusal(
    { by, name, room, atMs, membersMax }: Pick<JoinChange, 'by' | 'name' | 'room' | 'atMs' | 'membersMax'>,
    before: RosterMember | undefined,
  ): RoomRefused | undefined {
    const taken = this.#names.takenFrom(name, by, atMs)
    if (taken !== undefined) return { code: 'NAME_TAKEN', ...this.#freeAgain(name, atMs), ...taken }
    const key = nameKey(room)
    const { roomsMax } = this.#limits
    const present = this.#rooms.get(key)
    if (before?.room === key) return undefined
    if (present !== undefined) {
      return present.members.size >= membersMax ? { code: 'ROOM_FULL', membersMax } : undefined
    }
    const emptied = before !== undefined && this.#rooms.get(before.room)?.members.size === 1 ? 1 : 0
    return this.#rooms.size - emptied >= roomsMax ? { code: 'ROOMS_FULL', roomsMax } : undefined
  }

  /** In how many milliseconds the name of an away member becomes free if the member does not come back. */
  #freeAgain(name: string, atMs: number): { readonly freeInMs?: number } {
    const awayAtMs = this.#members.get(this.#names.ownerOf(name) ?? '')?.awayAtMs
    if (awayAtMs === undefined) return {}
    // The clocks of two servers may differ, so the result is limited to the whole time.
    const leftMs = awayAtMs - limits.awayToldMs + limits.nameHeldMs - atMs
    return { freeInMs: Math.min(Math.max(0, leftMs), limits.nameHeldMs) }
  }

  /**
   * Adds a member from the list of its server. The list overrides the conclusions of other servers, unless a newer
   * change contradicts it.
   */
  #know({
    by,
    session,
    name,
    room,
    isAway,
    atMs,
    asOf,
  }: {
    readonly by: string
    readonly session: SessionKey
    readonly name: string
    readonly room: string
    readonly isAway: boolean
    readonly atMs: number
    readonly asOf: number
  }): void {
    const key = nameKey(room)
    const present = this.#members.get(by)
    if (present !== undefined && isSame(present.session, session) && present.room === key) {
      this.#tellAway(present, isAway, atMs)
      return
    }
    if (Math.max(present?.since ?? 0, this.#leftAt.get(by) ?? 0) > asOf) return
    if (present !== undefined) this.#remove(present, 'left', atMs)
    const holder = this.#names.ownerOf(name)
    const other = holder === undefined || holder === by ? undefined : this.#members.get(holder)
    if (other !== undefined) this.#remove(other, 'lost', atMs)
    this.#names.claim(name, by)
    const member = { by, session, name, room: key, isAway, since: this.#number }
    this.#put(member, room)
    this.#effects.push({ kind: 'joined', member })
    this.#presence(member, 'joined', atMs)
  }

  /** Removes members that are no longer in the list of their server: this server has missed how they left. */
  #forgetOthers({ from, asOf, members, atMs }: WithChange): void {
    const there = new Set(members.map(({ by }) => by))
    for (const member of this.#of(from))
      if (!there.has(member.by) && member.since <= asOf) this.#remove(member, 'lost', atMs)
  }

  #knowOffers({ from, asOf, offers, filesBefore }: WithChange): void {
    const there = new Set(offers.map(({ offer }) => offer))
    const isOver = (offer: RosterOffer) =>
      offer.server === from && offer.number <= asOf && !there.has(offer.number)
    this.#effects.push(...this.offers.closeAll(isOver, 'lost'))
    this.offers.count(filesBefore)
    for (const offer of offers) {
      const member = this.#members.get(offer.by)
      if (member?.session.server === from) this.offers.know(member, offer)
    }
  }

  #put(member: RosterMember, roomName = this.#rooms.get(member.room)?.name ?? member.room): void {
    const room = this.#rooms.get(member.room) ?? { name: roomName, members: new Map() }
    this.#rooms.set(member.room, room)
    room.members.set(member.by, member)
    this.#members.set(member.by, member)
  }

  /** @param why the reason that the others see. @param effect the meaning for the session */
  #remove(
    member: RosterMember,
    why: 'left' | 'quit' | 'lost',
    atMs: number,
    effect: Extract<RosterEffect, { kind: 'left' }>['why'] = why,
  ): void {
    const room = this.#rooms.get(member.room)
    room?.members.delete(member.by)
    if (room?.members.size === 0) this.#rooms.delete(member.room)
    this.#members.delete(member.by)
    this.#keepLeft(member.by)
    this.#names.release(member.name, member.by)
    const end = effect === 'left' || effect === 'quit' ? 'left' : 'lost'
    this.#effects.push(...this.offers.closeAll(({ by }) => by === member.by, end))
    this.#effects.push({ kind: 'left', member, why: effect })
    this.#presence(member, why, atMs)
  }

  #keepLeft(by: string): void {
    this.#leftAt.delete(by)
    this.#leftAt.set(by, this.#number)
    const [oldest] = this.#leftAt.keys()
    if (oldest !== undefined && this.#leftAt.size > limits.leftKeptMax) this.#leftAt.delete(oldest)
  }

  #tellAway(member: RosterMember, isAway: boolean, atMs: number): void {
    if (member.isAway === isAway) return
    this.#put({ ...member, isAway, awayAtMs: isAway ? atMs : undefined })
    this.#presence(member, isAway ? 'away' : 'back', atMs)
  }

  #presence({ name, room }: RosterMember, change: Presence['change'], atMs: number): void {
    this.#effects.push({ kind: 'presence', room, presence: { atMs, name, change } })
  }

  #memberOf(by: string, session: SessionKey): RosterMember | undefined {
    const member = this.#members.get(by)
    return member !== undefined && isSame(member.session, session) ? member : undefined
  }

  #of(server: string): RosterMember[] {
    return [...this.#members.values()].filter(({ session }) => session.server === server)
  }
}

function isSame(one: SessionKey, other: SessionKey): boolean {
  return one.server === other.server && one.number === other.number
}
