import type { HistoryPage, Line, LinePlace, Presence, RoomState } from '../chat-contract.ts'
import { lineEntry, type Show } from './entry.ts'
import type { MemberStatus } from './member-status.ts'
import type { KnownRoomState } from './returns.ts'
import type { RoomEvent } from './room-feed.ts'
import type { RoomFiles } from './room-files.ts'
import { presenceSentence } from './sentences.ts'
import { typingSentence } from './typists.ts'

export interface RoomNewsOptions {
  /** The name of the member. */
  readonly name: string
  readonly show: Show
  readonly status: MemberStatus
  readonly files: RoomFiles
  /** Show typists and those who are away as notices, because there is no status row. */
  readonly statusAsNotices: boolean
}

/** Shows what happens in the room of a member, each line once. */
export class RoomNews {
  readonly #options: RoomNewsOptions
  #room = ''
  #known: KnownRoomState = { serverId: '', log: '', number: 0 }

  constructor(options: RoomNewsOptions) {
    this.#options = options
  }

  get room(): string {
    return this.#room
  }

  get known(): KnownRoomState {
    return this.#known
  }

  /** The member has entered a room, in this state, and is shown its newest lines. */
  isIn(state: RoomState, { log, lines }: Pick<HistoryPage, 'log' | 'lines'>): void {
    this.#room = state.room
    this.#known = { serverId: state.serverId, log, number: lines.at(-1)?.number ?? 0 }
    this.#options.status.isIn(state.room, state.members, state.away)
  }

  heard(event: RoomEvent): void {
    const { files } = this.#options
    if (event.kind === 'typing') this.#onTyping(event.name)
    else if (event.kind === 'line') this.#onLine(event.line, event.place)
    else if (event.kind === 'presence') this.#onPresence(event.presence)
    else if (event.kind === 'offer') files.heardOffer(event.offer)
    else files.heardClosed(event.closed)
  }

  #onLine(line: Line, place: LinePlace | undefined): void {
    if (place !== undefined) {
      const { log, number } = this.#known
      if (place.log === log && place.number <= number) return
      this.#known = { ...this.#known, ...place }
    }
    this.#options.status.stopped(line.name)
    this.#options.show(lineEntry(line, place, false))
  }

  #onPresence(presence: Presence): void {
    const { name: ownName, status, statusAsNotices } = this.#options
    const { name, change } = presence
    status.changed(presence)
    const isStatus = change === 'away' || change === 'back'
    // The member already knows about its own absence.
    if (!isStatus || (statusAsNotices && name !== ownName))
      this.#notice(presenceSentence(presence, this.#room))
    status.tell()
  }

  #onTyping(name: string): void {
    const { name: ownName, status, statusAsNotices } = this.#options
    if (name === ownName) return
    const news = status.typing(name)
    if (news && statusAsNotices) this.#notice(typingSentence([name]))
  }

  #notice(text: string): void {
    this.#options.show({ kind: 'notice', text })
  }
}
