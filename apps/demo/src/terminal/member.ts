import { setTimeout as delay } from 'node:timers/promises'
import { type Client, safe, type TopicGap } from '@frameport/client'
import type { chat, Line, Presence, RoomState } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { lineFault, nameFault, nameKey, normalisedName, roomFault } from '../text-rules.ts'
import type { Show } from './entry.ts'
import { type CallFailure, sentenceOf } from './failures.ts'
import { MemberFiles } from './files/member-files.ts'
import type { FileProgress } from './files/progress.ts'
import { type RoomEvent, RoomFeed } from './room-feed.ts'
import type { StatusFacts } from './status.ts'
import { Typists, typingSentence } from './typists.ts'

/** A sentence that says why a request was refused; undefined when it was carried out. */
export type Fault = string | undefined

export interface MemberOptions {
  readonly client: Client<typeof chat>
  readonly name: string
  readonly show: Show
  /** Called when the room, its members or the typists have changed. */
  readonly changed: (facts: StatusFacts) => void
  /** Show typists and the progress of files as notices, because there is no status row. */
  readonly statusAsNotices: boolean
  /** Where paths of files to be sent begin, and where taken files are saved. */
  readonly folders: { readonly folder: string; readonly saveTo: string }
}

type CallResult<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly error: CallFailure }

/**
 * One person or script in the chat, in one room at a time and under one name. Every refusal comes back as a sentence;
 * events of other members are shown as they happen.
 */
export class Member {
  readonly name: string
  readonly files: MemberFiles
  readonly #client: Client<typeof chat>
  readonly #show: Show
  readonly #options: MemberOptions
  readonly #typists: Typists
  #feed: RoomFeed | undefined
  #room = ''
  #members = new Set<string>()
  #typing: readonly string[] = []
  #progress: readonly FileProgress[] = []
  #typingSentAtMs = Number.NEGATIVE_INFINITY

  constructor(options: MemberOptions) {
    this.#options = options
    this.#client = options.client
    this.#show = options.show
    this.name = normalisedName(options.name)
    this.#typists = new Typists((names) => {
      this.#typing = names
      this.#changed()
    })
    const { client, show, folders, statusAsNotices: progressAsNotice } = options
    const changed = (files: readonly FileProgress[]) => {
      this.#progress = files
      this.#changed()
    }
    this.files = new MemberFiles({ client, name: this.name, show, ...folders, changed, progressAsNotice })
  }

  get members(): readonly string[] {
    return [...this.#members].sort((one, other) => one.localeCompare(other, 'en'))
  }

  async join(wish: string): Promise<Fault> {
    const room = normalisedName(wish)
    const fault = nameFault(this.name) ?? roomFault(room)
    if (fault !== undefined) return fault
    if (this.#feed !== undefined && nameKey(room) === nameKey(this.#room)) {
      this.#notice(`You are in ${this.#room} already.`)
      return undefined
    }
    const feed = new RoomFeed(this.#client, nameKey(room), (event) => this.#onRoomEvent(event))
    const joined = await this.#paced(() =>
      safe(this.#client.rooms.join({ room, name: this.name }, callOptions)),
    )
    if (!joined.ok) {
      feed.stop()
      return sentenceOf(joined.error, { name: this.name, room })
    }
    this.#feed?.stop()
    this.#feed = feed
    return await this.#arrived(joined.data, feed)
  }

  async say(text: string): Promise<Fault> {
    const fault = lineFault(text)
    if (fault !== undefined) return fault
    this.#typingSentAtMs = Number.NEGATIVE_INFINITY
    const said = await this.#paced(() => safe(this.#client.lines.say({ text }, callOptions)))
    return said.ok ? undefined : sentenceOf(said.error)
  }

  async who(): Promise<Fault> {
    const answer = await safe(this.#client.rooms.who(callOptions))
    if (!answer.ok) return sentenceOf(answer.error)
    this.#showMembers(answer.data.members)
    return undefined
  }

  /** Notifies the others that a line is being typed. Callers may call it for every key, and do not wait for it. */
  sendTyping(nowMs: number): void {
    if (nowMs - this.#typingSentAtMs < limits.typingIntervalMs) return
    this.#typingSentAtMs = nowMs
    void safe(this.#client.lines.typing(callOptions))
  }

  /** Shows that events were left out, and asks for the members when some of them may have come or gone unseen. */
  missed({ event, topic, events }: TopicGap): void {
    const { room } = (topic ?? {}) as { readonly room?: unknown }
    if (this.#feed === undefined || room !== nameKey(this.#room)) return
    if (event === 'chat/line') this.#notice(gapSentence(events))
    else if (event === 'chat/presence') void this.who()
    else if (event === 'chat/offer' || event === 'chat/offerClosed') void this.files.list()
  }

  /** Says goodbye, and leaves even when the server does not answer. */
  async quit(): Promise<void> {
    this.#typists.clear()
    await this.files.stop()
    await safe(this.#client.quit({ deadlineMs: limits.closeGraceMs }))
    this.#feed?.stop()
  }

  async #arrived(state: RoomState, feed: RoomFeed): Promise<Fault> {
    this.#room = state.room
    this.#typists.clear()
    const fault = await this.#showHistory(state.lastLineId)
    this.#notice(`${state.name} joined ${state.room}`)
    this.#showMembers(state.members)
    this.files.entered(state.files)
    feed.open()
    return fault
  }

  async #showHistory(upToLineId: number): Promise<Fault> {
    let shown = 0
    try {
      for await (const line of this.#client.rooms.history({ upToLineId }, callOptions)) {
        this.#show({ kind: 'line', ...line, past: true })
        shown += 1
        if (shown === limits.historyLinesMax) break
      }
      return undefined
    } catch (error) {
      return sentenceOf(error)
    }
  }

  #showMembers(members: readonly string[]): void {
    this.#members = new Set(members)
    this.#notice(`In ${this.#room} (${members.length}): ${members.join(', ')}`)
    this.#changed()
  }

  #onRoomEvent(event: RoomEvent): void {
    if (event.kind === 'typing') this.#onTyping(event.name)
    else if (event.kind === 'line') this.#onLine(event.line)
    else if (event.kind === 'presence') this.#onPresence(event.presence)
    else if (event.kind === 'offer') this.files.heardOffer(event.offer)
    else this.files.heardClosed(event.closed)
  }

  #onLine(line: Line): void {
    this.#typists.stopped(line.name)
    this.#show({ kind: 'line', ...line, past: false })
  }

  #onPresence({ name, change }: Presence): void {
    this.#typists.stopped(name)
    if (change === 'joined') this.#members.add(name)
    else this.#members.delete(name)
    this.#notice(`${name} ${presenceWords[change](this.#room)}`)
    this.#changed()
  }

  #onTyping(name: string): void {
    if (name === this.name) return
    const news = this.#typists.typing(name)
    if (news && this.#options.statusAsNotices) this.#notice(typingSentence([name]))
  }

  /** Repeats a call that was too fast after the time that the server asked for. */
  async #paced<Data>(call: () => Promise<CallResult<Data>>): Promise<CallResult<Data>> {
    for (let noticed = false; ; noticed = true) {
      const result = await call()
      if (result.ok || result.error.code !== 'TOO_FAST') return result
      if (!noticed)
        this.#notice(`Slowing down to the server's pace of ${limits.floodPerSecond} lines a second.`)
      await delay(pauseMs(result.error))
    }
  }

  #notice(text: string): void {
    this.#show({ kind: 'notice', text })
  }

  #changed(): void {
    this.#options.changed({
      room: this.#room,
      members: this.#members.size,
      typing: this.#typing,
      files: this.#progress,
    })
  }
}

const callOptions = { deadlineMs: limits.callDeadlineMs } as const

/** `events` is 0 when the server does not know how many. */
function gapSentence(events: number): string {
  const what = events === 0 ? 'Some lines were' : events === 1 ? 'A line was' : `${events} lines were`
  return `${what} left out here: this terminal did not keep up.`
}

const presenceWords = {
  joined: (room: string) => `joined ${room}`,
  left: (room: string) => `left ${room}`,
  quit: (room: string) => `left ${room} and the chat`,
  lost: (room: string) => `left ${room}: the connection was lost`,
} as const

/** The pause that the server asked for, within limits, because the server is not trusted. */
function pauseMs({ data }: CallFailure): number {
  const { retryAfterMs } = (data ?? {}) as { readonly retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' ? Math.min(Math.max(retryAfterMs, 10), 1_000) : 1_000
}
