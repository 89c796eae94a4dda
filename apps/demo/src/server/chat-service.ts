import { randomUUID } from 'node:crypto'
import type { ChatClock } from '../chat-clock.ts'
import type { Line, Presence, RoomState } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'
import { type OfferOutlet, Offers } from './files/offers.ts'
import { type Memory, type MemoryRow, noMemory } from './memory.ts'
import { Names, type NameTaken } from './names.ts'
import { accepted, type NotInRoom, type Outcome, refused, type TooFast } from './outcome.ts'
import { recalled, stateRows } from './recall.ts'
import { Room, type RoomLimits, type RoomRefusal, Rooms } from './rooms.ts'
import { tooFastFor, Visitor } from './visitor.ts'

/** Through this the chat service reaches people: the members of the room with the given key. */
export interface Outlet extends OfferOutlet {
  /**
   * @param id names the line among those of the room, so that it is said once however often it comes
   * @returns its number, once it is kept; undefined when it could not be, and was not said
   */
  line(roomKey: string, line: Line, id: string | undefined): Promise<number | undefined>
  presence(roomKey: string, presence: Presence): void
  typing(roomKey: string, name: string): void
}

export type JoinRefusal =
  | ({ readonly code: 'NAME_TAKEN' } & NameTaken)
  | { readonly code: 'NAME_FIXED'; readonly name: string }
  | RoomRefusal
  | TooFast
  | { readonly code: 'GONE' }

/** Runs after the other members have been notified; it changes the subscriptions. */
type Moved = (roomKey: string, roomKeyBefore: string | undefined) => void

export interface ChatServiceOptions {
  readonly roomLimits?: Partial<RoomLimits>
  /** Default: none, so that a restart forgets everything. */
  readonly memory?: Memory
}

/** A line that the log has not taken. */
type NotKept = { readonly code: 'NOT_KEPT' }

/**
 * The rules of the chat, without a network: names, rooms, and the events that members receive. Every change is made
 * synchronously, so nobody sees half of one; only the answer to a line waits for the log.
 */
export class ChatService {
  readonly names: Names
  readonly rooms: Rooms
  readonly offers: Offers
  readonly #serverId = randomUUID()
  readonly #outlet: Outlet
  readonly #clock: ChatClock
  readonly #memory: Memory
  /** Those with a name, by their identity. */
  readonly #members = new Map<string, Visitor>()
  #isClosed = false

  constructor(outlet: Outlet, clock: ChatClock, options: ChatServiceOptions = {}) {
    this.#outlet = outlet
    this.#clock = clock
    this.#memory = options.memory ?? noMemory()
    this.names = new Names(() => clock.nowMs())
    this.rooms = new Rooms(options.roomLimits)
    this.offers = new Offers(outlet, clock)
    this.#recall()
  }

  /** @param identity who comes, the same for each session of one person. Default: somebody who was never here */
  arrive(identity: string = randomUUID()): Visitor {
    return new Visitor(identity, () => this.#clock.nowMs())
  }

  /** Enters a room. A new session of somebody who has a name takes the place of the old one. */
  join(
    visitor: Visitor,
    wish: { readonly room: string; readonly name: string },
    moved: Moved,
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
    const returned = this.#return(visitor, wish, moved)
    if (returned !== undefined) return accepted(returned)
    const name = visitor.name ?? wish.name
    const taken = this.names.claim(name, visitor.identity)
    if (taken !== undefined) return refused({ code: 'NAME_TAKEN', ...taken })
    const room = this.rooms.open(wish.room)
    if (!(room instanceof Room)) {
      if (visitor.name === undefined) this.names.release(name, visitor.identity)
      return refused(room)
    }
    visitor.name = name
    this.#members.set(visitor.identity, visitor)
    const before = visitor.room?.key
    this.#leave(visitor, 'left')
    this.#enter(visitor, room, name)
    moved(room.key, before)
    return accepted(this.#stateOf(room, name))
  }

  /** Whether somebody may read a page of the history of the room: of the one with the key that it returns. */
  readsHistory(visitor: Visitor): Outcome<string, NotInRoom | TooFast> {
    if (visitor.room === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const tooFast = tooFastFor(visitor)
    return tooFast === undefined ? accepted(visitor.room.key) : refused(tooFast)
  }

  who(visitor: Visitor): Outcome<Pick<RoomState, 'members' | 'away'>, NotInRoom> {
    const { room } = visitor
    if (room === undefined) return refused({ code: 'NOT_IN_ROOM' })
    return accepted({ members: room.members, away: room.away })
  }

  /** @param number the speaker's own number of the line, so that one that comes again is not said again */
  async say(
    visitor: Visitor,
    text: string,
    number?: number,
  ): Promise<Outcome<{ lineNumber: number }, NotInRoom | TooFast | NotKept>> {
    const { room, name, identity } = visitor
    if (room === undefined || name === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const tooFast = tooFastFor(visitor)
    if (tooFast !== undefined) return refused(tooFast)
    visitor.typedAtMs = Number.NEGATIVE_INFINITY
    const line: Line = { atMs: this.#clock.dateMs(), name, text }
    const id = number === undefined ? undefined : `${identity}/${number}`
    const lineNumber = await this.#outlet.line(room.key, line, id)
    return lineNumber === undefined ? refused({ code: 'NOT_KEPT' }) : accepted({ lineNumber })
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

  /** The connection is lost, and may be replaced. The others are told when it takes long enough to notice. */
  detached(visitor: Visitor): void {
    visitor.isDetached = true
    if (visitor.name === undefined) return
    this.names.away(visitor.name, visitor.identity)
    visitor.stopAway()
    visitor.stopAway = this.#clock.after(limits.awayToldMs, () => this.#tellAway(visitor, true))
  }

  /** The session goes on over another connection. */
  resumed(visitor: Visitor): void {
    visitor.isDetached = false
    visitor.stopAway()
    if (visitor.name === undefined) return
    this.names.claim(visitor.name, visitor.identity)
    if (visitor.isAway) this.#tellAway(visitor, false)
  }

  /** Handles a goodbye: the name is free at once. */
  quit(visitor: Visitor): void {
    const { name } = visitor
    this.#forget(visitor, 'quit')
    if (name !== undefined) this.names.release(name, visitor.identity)
  }

  /** Handles the end of the session. Unless there was a goodbye, or it was away for as long, the name stays reserved for a while. */
  lose(visitor: Visitor): void {
    const { name } = visitor
    visitor.gone = true
    this.#forget(visitor, 'lost')
    if (name === undefined) return
    if (visitor.isDetached) this.names.release(name, visitor.identity)
    else this.names.hold(name, visitor.identity)
  }

  /** The server closes. Who leaves from now on may come back to the next one: nothing of it is kept. */
  close(): void {
    this.#isClosed = true
    for (const member of this.#members.values()) member.stopAway()
    this.offers.close()
  }

  #enter(visitor: Visitor, room: Room, name: string): void {
    visitor.room = room
    visitor.typedAtMs = Number.NEGATIVE_INFINITY
    room.put(name, visitor.isAway)
    this.#keep({ kind: 'in', room: room.name, name, by: visitor.identity })
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

  #forget(visitor: Visitor, change: 'quit' | 'lost'): void {
    const { name } = visitor
    visitor.stopAway()
    this.#leave(visitor, change)
    visitor.name = undefined
    if (this.#members.get(visitor.identity) === visitor) this.#members.delete(visitor.identity)
    if (name !== undefined) this.#keep({ kind: 'out', name })
  }

  /** A new session of the member of that name: it goes on where the old one was, and the others do not see anybody leave. */
  #return(
    visitor: Visitor,
    wish: { readonly room: string; readonly name: string },
    moved: Moved,
  ): RoomState | undefined {
    const before = this.#members.get(visitor.identity)
    if (before === undefined || before === visitor) return undefined
    const { room, name } = before
    if (room === undefined || name === undefined || nameKey(name) !== nameKey(wish.name)) return undefined
    before.stopAway()
    before.gone = true
    before.name = undefined
    before.room = undefined
    visitor.gate = before.gate
    visitor.name = name
    visitor.room = room
    this.#members.set(visitor.identity, visitor)
    this.names.claim(name, visitor.identity)
    this.offers.memberLeft(before, room, 'lost')
    if (before.isAway) this.#tellAway(visitor, false)
    if (nameKey(wish.room) !== room.key) return undefined
    moved(room.key, undefined)
    return this.#stateOf(room, name)
  }

  #tellAway(visitor: Visitor, isAway: boolean): void {
    const { room, name } = visitor
    visitor.isAway = isAway
    if (room === undefined || name === undefined) return
    room.put(name, isAway)
    const change = isAway ? 'away' : 'back'
    this.#outlet.presence(room.key, { atMs: this.#clock.dateMs(), name, change })
  }

  #keep(change: MemoryRow): void {
    if (this.#isClosed) return
    this.#memory.keep(change, () => stateRows(this.#members.values()))
  }

  /** Who was there when the server before ended is away until they come back. */
  #recall(): void {
    for (const { name, room: roomName, by } of recalled(this.#memory.rows)) {
      const room = this.rooms.restored(roomName)
      const member = this.arrive(by)
      Object.assign(member, { name, room, isDetached: true, isAway: true })
      this.names.claim(name, by)
      this.names.away(name, by)
      room.put(name, true)
      this.#members.set(by, member)
      member.stopAway = this.#clock.after(limits.nameHeldMs, () => this.lose(member))
    }
  }

  #stateOf(room: Room, name: string): RoomState {
    return {
      room: room.name,
      name,
      members: room.members,
      away: room.away,
      atMs: this.#clock.dateMs(),
      serverId: this.#serverId,
      files: this.offers.openIn(room),
    }
  }
}
