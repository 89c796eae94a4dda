import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'
import { History, type KeptLine } from './history.ts'

/** One room with the names of its members and its last lines. */
export class Room {
  /** As the first member wrote it. */
  readonly name: string
  /** The topic of its events. */
  readonly key: string
  readonly history: History
  /** Each with whether it is away. */
  readonly #members = new Map<string, boolean>()

  /** @param forgottenLineId the newest line that may have been said in a room of this name, and that its history has not */
  constructor(name: string, forgottenLineId = 0) {
    this.name = name
    this.key = nameKey(name)
    this.history = new History(forgottenLineId)
  }

  /** Sorted, so that every terminal shows the same list. Those who are away are among them. */
  get members(): string[] {
    return [...this.#members.keys()].sort((one, other) => one.localeCompare(other, 'en'))
  }

  get away(): string[] {
    return this.members.filter((name) => this.#members.get(name))
  }

  get size(): number {
    return this.#members.size
  }

  /** Adds a member, or changes whether it is away. */
  put(member: string, isAway = false): void {
    this.#members.set(member, isAway)
  }

  remove(member: string): void {
    this.#members.delete(member)
  }

  keep(line: KeptLine): void {
    this.history.add(line)
  }
}

export type RoomRefusal =
  | { readonly code: 'ROOM_FULL'; readonly membersMax: number }
  | { readonly code: 'ROOMS_FULL'; readonly roomsMax: number }

export interface RoomLimits {
  readonly membersMax: number
  readonly roomsMax: number
}

/**
 * Every room of the server, by key. A room stays when its last member leaves, so that the next member finds its
 * history. When there are too many rooms, the empty one that was unused longest is forgotten.
 */
export class Rooms {
  readonly #rooms = new Map<string, Room>()
  readonly #limits: RoomLimits
  /** The newest line of all rooms that were forgotten: one number serves all of them. */
  #forgottenLineId = 0

  constructor(roomLimits: Partial<RoomLimits> = {}) {
    this.#limits = { membersMax: limits.roomMembersMax, roomsMax: limits.roomsMax, ...roomLimits }
  }

  get count(): number {
    return this.#rooms.size
  }

  get forgottenLineId(): number {
    return this.#forgottenLineId
  }

  /** The one that was unused longest is the first. */
  get all(): readonly Room[] {
    return [...this.#rooms.values()]
  }

  /** Returns the room of this name, made when needed, if one more member fits in; otherwise why not. */
  open(name: string): Room | RoomRefusal {
    const key = nameKey(name)
    const present = this.#rooms.get(key)
    if (present !== undefined) {
      const { membersMax } = this.#limits
      if (present.size >= membersMax) return { code: 'ROOM_FULL', membersMax }
      this.#use(present)
      return present
    }
    if (this.#rooms.size >= this.#limits.roomsMax && !this.#forgetOneEmpty()) {
      return { code: 'ROOMS_FULL', roomsMax: this.#limits.roomsMax }
    }
    return this.#made(name, this.#forgottenLineId)
  }

  /** The room of this name, as it was before a restart; made with these facts when there is none. */
  restored(name: string, forgottenLineId: number): Room {
    const present = this.#rooms.get(nameKey(name))
    if (present === undefined) return this.#made(name, forgottenLineId)
    this.#use(present)
    return present
  }

  /** Forgets empty rooms that are too many, behind a restart with other limits or after many rooms came and went. */
  trim(): void {
    while (this.#rooms.size > this.#limits.roomsMax && this.#forgetOneEmpty());
  }

  /** Rooms from before a restart are forgotten up to this line. */
  restoreForgotten(lineId: number): void {
    this.#forgottenLineId = lineId
  }

  #made(name: string, forgottenLineId: number): Room {
    const made = new Room(name, forgottenLineId)
    this.#rooms.set(made.key, made)
    return made
  }

  /** The order of the map is the order of use: the first entries are unused longest. */
  #use(room: Room): void {
    this.#rooms.delete(room.key)
    this.#rooms.set(room.key, room)
  }

  #forgetOneEmpty(): boolean {
    for (const [key, room] of this.#rooms) {
      if (room.size > 0) continue
      this.#forgottenLineId = Math.max(this.#forgottenLineId, room.history.lastLineId)
      return this.#rooms.delete(key)
    }
    return false
  }
}
