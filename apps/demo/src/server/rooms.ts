import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'

/** One room with the names of its members. Its lines are in a log. */
export class Room {
  /** As the first member wrote it. */
  readonly name: string
  /** The topic of its events. */
  readonly key: string
  /** Each with whether it is away. */
  readonly #members = new Map<string, boolean>()

  constructor(name: string) {
    this.name = name
    this.key = nameKey(name)
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
}

export type RoomRefusal =
  | { readonly code: 'ROOM_FULL'; readonly membersMax: number }
  | { readonly code: 'ROOMS_FULL'; readonly roomsMax: number }

export interface RoomLimits {
  readonly membersMax: number
  readonly roomsMax: number
}

/**
 * Every room of the server, by key. A room stays when its last member leaves, so that its name is still written as the first member
 * wrote it. When there are too many rooms, the empty one that was unused longest is forgotten.
 */
export class Rooms {
  readonly #rooms = new Map<string, Room>()
  readonly #limits: RoomLimits

  constructor(roomLimits: Partial<RoomLimits> = {}) {
    this.#limits = { membersMax: limits.roomMembersMax, roomsMax: limits.roomsMax, ...roomLimits }
  }

  get count(): number {
    return this.#rooms.size
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
    return this.#made(name)
  }

  /** The room of this name, in which somebody was before a restart, also where there are too many by now. */
  restored(name: string): Room {
    return this.#rooms.get(nameKey(name)) ?? this.#made(name)
  }

  #made(name: string): Room {
    const made = new Room(name)
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
      if (room.size === 0) return this.#rooms.delete(key)
    }
    return false
  }
}
