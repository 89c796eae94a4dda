import type { Line, Presence, RoomState } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'
import type { ChatClock } from './chat-clock.ts'
import { type OfferOutlet, Offers } from './files/offers.ts'
import { Names, type NameTaken } from './names.ts'
import { accepted, type NotInRoom, type Outcome, refused, type TooFast } from './outcome.ts'
import { Room, type RoomLimits, type RoomRefusal, Rooms } from './rooms.ts'
import { tooFastFor, Visitor } from './visitor.ts'

/** Through this the chat service reaches people: the members of the room with the given key. */
export interface Outlet extends OfferOutlet {
  line(roomKey: string, line: Line): void
  presence(roomKey: string, presence: Presence): void
  typing(roomKey: string, name: string): void
}

export type JoinRefusal =
  | ({ readonly code: 'NAME_TAKEN' } & NameTaken)
  | { readonly code: 'NAME_FIXED'; readonly name: string }
  | RoomRefusal
  | TooFast
  | { readonly code: 'GONE' }

/**
 * The rules of the chat, without a network: names, rooms, and the events that members receive. Every method is
 * synchronous, so nobody sees half of a change.
 */
export class ChatService {
  readonly names: Names
  readonly rooms: Rooms
  readonly offers: Offers
  readonly #outlet: Outlet
  readonly #clock: ChatClock
  #lastLineId = 0

  constructor(outlet: Outlet, clock: ChatClock, roomLimits?: Partial<RoomLimits>) {
    this.#outlet = outlet
    this.#clock = clock
    this.names = new Names(() => clock.nowMs())
    this.rooms = new Rooms(roomLimits)
    this.offers = new Offers(outlet, clock)
  }

  arrive(): Visitor {
    return new Visitor(() => this.#clock.nowMs())
  }

  /** Enters a room. `moved` runs after the other members have been notified; it changes the subscriptions. */
  join(
    visitor: Visitor,
    wish: { readonly room: string; readonly name: string },
    moved: (roomKey: string, roomKeyBefore: string | undefined) => void,
  ): Outcome<RoomState, JoinRefusal> {
    if (visitor.gone) return refused({ code: 'GONE' })
    const tooFast = tooFastFor(visitor)
    if (tooFast !== undefined) return refused(tooFast)
    if (visitor.name !== undefined && nameKey(wish.name) !== nameKey(visitor.name)) {
      return refused({ code: 'NAME_FIXED', name: visitor.name })
    }
    if (visitor.room !== undefined && visitor.room.key === nameKey(wish.room)) {
      return accepted(this.#stateOf(visitor.room, visitor.name ?? wish.name))
    }
    const name = visitor.name ?? wish.name
    const taken = this.names.claim(name, visitor)
    if (taken !== undefined) return refused({ code: 'NAME_TAKEN', ...taken })
    const room = this.rooms.open(wish.room)
    if (!(room instanceof Room)) {
      if (visitor.name === undefined) this.names.release(name, visitor)
      return refused(room)
    }
    visitor.name = name
    const before = visitor.room?.key
    this.#leave(visitor, 'left')
    this.#enter(visitor, room, name)
    moved(room.key, before)
    return accepted(this.#stateOf(room, name))
  }

  history(visitor: Visitor, upToLineId: number): Outcome<readonly Line[], NotInRoom> {
    if (visitor.room === undefined) return refused({ code: 'NOT_IN_ROOM' })
    return accepted(visitor.room.history.upTo(upToLineId))
  }

  who(visitor: Visitor): Outcome<readonly string[], NotInRoom> {
    if (visitor.room === undefined) return refused({ code: 'NOT_IN_ROOM' })
    return accepted(visitor.room.members)
  }

  say(visitor: Visitor, text: string): Outcome<{ lineId: number }, NotInRoom | TooFast> {
    const { room, name } = visitor
    if (room === undefined || name === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const tooFast = tooFastFor(visitor)
    if (tooFast !== undefined) return refused(tooFast)
    this.#lastLineId += 1
    const line: Line = { id: this.#lastLineId, atMs: this.#clock.dateMs(), name, text }
    room.keep(line)
    visitor.typedAtMs = Number.NEGATIVE_INFINITY
    this.#outlet.line(room.key, line)
    return accepted({ lineId: line.id })
  }

  typing(visitor: Visitor): Outcome<void, NotInRoom> {
    const { room, name } = visitor
    if (room === undefined || name === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const nowMs = this.#clock.nowMs()
    if (nowMs - visitor.typedAtMs < limits.typingIntervalMs) return accepted(undefined)
    visitor.typedAtMs = nowMs
    this.#outlet.typing(room.key, name)
    return accepted(undefined)
  }

  /** Handles a goodbye: the name is free at once. */
  quit(visitor: Visitor): void {
    const { name } = visitor
    this.#leave(visitor, 'quit')
    visitor.name = undefined
    if (name !== undefined) this.names.release(name, visitor)
  }

  /** Handles the end of the connection. Unless there was a goodbye, the name stays reserved for a while. */
  lose(visitor: Visitor): void {
    const { name } = visitor
    visitor.gone = true
    this.#leave(visitor, 'lost')
    visitor.name = undefined
    if (name !== undefined) this.names.hold(name, visitor)
  }

  #enter(visitor: Visitor, room: Room, name: string): void {
    visitor.room = room
    visitor.typedAtMs = Number.NEGATIVE_INFINITY
    room.add(name)
    this.#outlet.presence(room.key, { atMs: this.#clock.dateMs(), name, change: 'joined' })
  }

  #leave(visitor: Visitor, change: Presence['change']): void {
    const { room, name } = visitor
    visitor.room = undefined
    if (room === undefined || name === undefined) return
    room.remove(name)
    this.#outlet.presence(room.key, { atMs: this.#clock.dateMs(), name, change })
    this.offers.memberLeft(visitor, room, change === 'lost' ? 'lost' : 'left')
  }

  #stateOf(room: Room, name: string): RoomState {
    return {
      room: room.name,
      name,
      members: room.members,
      lastLineId: this.#lastLineId,
      files: this.offers.openIn(room),
    }
  }
}
