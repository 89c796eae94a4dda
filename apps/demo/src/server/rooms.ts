import type { Line } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'
import { History } from './history.ts'

/** One room with the names of its members and its last lines. */
export class Room {
  /** As the first member wrote it. */
  readonly name: string
  /** The topic of its events. */
  readonly key: string
  readonly history = new History()
  readonly #members = new Set<string>()

  constructor(name: string) {
    this.name = name
    this.key = nameKey(name)
  }

  /** Sorted, so that every terminal shows the same list. */
  get members(): string[] {
    return [...this.#members].sort((one, other) => one.localeCompare(other, 'en'))
  }

  get size(): number {
    return this.#members.size
  }

  add(member: string): void {
    this.#members.add(member)
  }

  remove(member: string): void {
    this.#members.delete(member)
  }

  keep(line: Line): void {
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
