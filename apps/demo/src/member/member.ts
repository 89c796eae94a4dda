import { type Client, safe, type TopicGap } from '@frameport/client'
import { realClock } from '../chat-clock.ts'
import type { chat } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { pause } from '../pause.ts'
import { lineFault, nameFault, nameKey, normalisedName, roomFault } from '../text-rules.ts'
import type { Person } from './company.ts'
import { enterRoom } from './enter-room.ts'
import { lineEntries, partedAt, type Show } from './entry.ts'
import { sentenceOf } from './failures.ts'
import { Figures } from './figures.ts'
import type { Fault, MemberOptions } from './member-options.ts'
import { MemberStatus } from './member-status.ts'
import { OlderLines } from './older-lines.ts'
import { Outage, type OutageFacts } from './outage.ts'
import { doneAtLast, paced, slowedSentence } from './pace.ts'
import { type CallResult, PatientCalls } from './patient-calls.ts'
import { returned } from './returns.ts'
import { RoomFeed } from './room-feed.ts'
import type { RoomFiles } from './room-files.ts'
import { RoomNews } from './room-news.ts'
import { apartSentence, gapSentence } from './sentences.ts'

/**
 * One person or script in the chat, in one room at a time and under one name. Every refusal is returned as a sentence,
 * and events of other members are shown as they happen. A member outlives its connection: requests wait until there is a new one.
 */
export class Member<Files extends RoomFiles = RoomFiles> {
  readonly name: string
  readonly files: Files
  /** The lines of the room before those that are shown. */
  readonly older: OlderLines
  readonly figures: Figures
  readonly #client: Client<typeof chat>
  readonly #show: Show
  readonly #options: MemberOptions<Files>
  readonly #sentenceOf: typeof sentenceOf
  readonly #calls: PatientCalls
  readonly #outage: Outage
  readonly #status: MemberStatus
  readonly #news: RoomNews
  #feed: RoomFeed | undefined
  /** The number of the last line of this member. */
  #lineNumber = 0
  #isConnected = true
  /** Grows with each session that does not continue the previous one. */
  #sessions = 0
  /** The session in which the member has entered its room. */
  #presentIn = 0
  /** Settles when no change of room is running. Only one runs at a time. */
  #moving: Promise<unknown> = Promise.resolve()
  #outageFacts: OutageFacts | undefined
  #typingSentAtMs = Number.NEGATIVE_INFINITY

  constructor(options: MemberOptions<Files>) {
    this.#options = options
    this.#client = options.client
    this.#show = options.show
    this.#sentenceOf = options.sentenceOf ?? sentenceOf
    this.name = normalisedName(options.name)
    const { client, show, clock = realClock, statusAsNotices } = options
    this.#status = new MemberStatus(options.changed)
    this.#calls = new PatientCalls(clock, (facts) => this.#status.silent(facts))
    this.#outage = new Outage(clock, limits.reconnectingShownMs, (facts) => this.#onOutage(facts))
    const changed = this.#status.progress.bind(this.#status)
    const ready = () => this.#calls.ready()
    this.files = options.files({ client, name: this.name, show, changed, ready })
    this.figures = new Figures({ client, ready, sentenceOf: this.#sentenceOf })
    const { name, files } = this
    this.#news = new RoomNews({ name, show, status: this.#status, files, statusAsNotices })
    this.older = new OlderLines({
      client,
      room: () => this.#news.room,
      make: (call) => this.#make(call),
      sentenceOf: this.#sentenceOf,
    })
  }

  get room(): string {
    return this.#news.room
  }

  get members(): readonly string[] {
    return this.#status.names
  }

  /** The members, and whether they are away. */
  get people(): readonly Person[] {
    return this.#status.people
  }

  /** Whether the member is in the chat and has a connection. */
  get isPresent(): boolean {
    return this.#calls.isReady
  }

  /** Whether the member is present, and the server answers as far as is known. */
  get isAnswered(): boolean {
    return this.#calls.isAnswered
  }

  /** Settles when the server does not answer, as far as is known, or is lost. Settles at once if this is already true. */
  unanswered(): Promise<void> {
    return this.#calls.unanswered()
  }

  /** Settles when the server has answered, or the run ends. Resolves to true if the server was reachable all the time and answered without delay. */
  async reaches(): Promise<boolean> {
    const { isAnswered, standstills } = this.#calls
    await this.#askWho()
    return isAnswered && standstills === this.#calls.standstills
  }

  async join(wish: string): Promise<Fault> {
    const room = normalisedName(wish)
    const fault = nameFault(this.name) ?? roomFault(room)
    if (fault !== undefined) return fault
    if (this.#feed !== undefined && nameKey(room) === nameKey(this.#news.room)) {
      this.#notice(`You are already in ${this.#news.room}.`)
      return undefined
    }
    const waits = () => (this.#options.waitsToJoin ?? this.#notice.bind(this))(apartSentence)
    const joined = await this.#make(() => this.#alone(() => doneAtLast(() => this.#join(room), waits)))
    return joined.ok ? undefined : this.#sentenceOf(joined.error, { name: this.name, room })
  }

  async say(text: string): Promise<Fault> {
    const fault = lineFault(text)
    if (fault !== undefined) return fault
    this.#typingSentAtMs = Number.NEGATIVE_INFINITY
    this.#lineNumber += 1
    const number = this.#lineNumber
    // No deadline: the line is sent once, however late, and the heartbeat detects a lost server.
    const said = await this.#make(() => doneAtLast(() => safe(this.#client.lines.say({ text, number }))))
    return said.ok ? undefined : this.#sentenceOf(said.error)
  }

  async who(): Promise<Fault> {
    const answer = await this.#askWho()
    if (!answer.ok) return this.#sentenceOf(answer.error)
    this.#status.are(answer.data.members, answer.data.away)
    this.#showMembers()
    return undefined
  }

  #askWho() {
    return this.#make(() => safe(this.#client.rooms.who()))
  }

  /** Notifies the others that a line is being typed. Callers may call it for every key, and do not wait for it. */
  sendTyping(nowMs: number): void {
    if (!this.isPresent || nowMs - this.#typingSentAtMs < limits.typingIntervalMs) return
    this.#typingSentAtMs = nowMs
    void safe(this.#client.lines.typing(callOptions))
  }

  /** Shows that lines are missing, and refreshes the members or the files if their events are missing. */
  missed({ event, topic, events }: TopicGap): void {
    const { room } = (topic ?? {}) as { readonly room?: unknown }
    // A member that is about to enter the room again finds the missed events there.
    if (this.#feed === undefined || !this.isPresent || room !== nameKey(this.#news.room)) return
    if (event === 'chat/line') this.#notice(gapSentence(events, this.#options.readAt ?? 'terminal'))
    else if (event === 'chat/presence') void this.who()
    else if (event === 'chat/offer' || event === 'chat/offerClosed') void this.files.list()
  }

  /** The connection is lost, and the client tries to get another one. */
  lost(): void {
    this.#isConnected = false
    this.#calls.lost()
    this.#outage.begin()
  }

  /** There is a connection again. `resumed`: the session continues, and nothing was missed. */
  back({ resumed }: { readonly resumed: boolean }): void {
    this.#isConnected = true
    if (resumed) {
      this.#isBack()
      return
    }
    this.#calls.lost()
    this.#sessions += 1
    const session = this.#sessions
    void this.#alone(() => this.#return(session))
  }

  /** Stops waiting for a connection. Pending requests fail. */
  stopWaiting(): void {
    this.#outage.end()
    this.#calls.end()
  }

  /** Says goodbye if the server answers, and leaves in any case. */
  async quit(): Promise<void> {
    this.#status.nobodyTypes()
    await this.files.stop()
    if (this.isAnswered) await safe(this.#client.quit({ deadlineMs: limits.closeGraceMs }))
    this.#feed?.stop()
  }

  async #join(room: string): Promise<CallResult<undefined>> {
    const feed = new RoomFeed(this.#client, nameKey(room), (event) => this.#news.heard(event))
    const entered = await enterRoom(this.#client, {
      room,
      name: this.name,
      hearLines: () => feed.hearLines(),
    })
    if (!entered.ok) {
      feed.stop()
      return entered
    }
    this.#feed?.stop()
    this.#feed = feed
    const { state, history } = entered.data
    this.#news.isIn(state, history)
    this.older.isIn(history)
    const { past, since } = partedAt(history, state.atMs)
    for (const entry of past) this.#show(entry)
    this.#notice(`${state.name} joined ${state.room}`)
    this.#showMembers()
    for (const entry of since) this.#show(entry)
    this.files.entered(state.files)
    feed.open()
    return { ok: true, data: undefined }
  }

  /** Enters the room again in a new session, and shows the lines of the meantime. */
  async #return(session: number): Promise<void> {
    const feed = this.#feed
    if (feed === undefined) return this.#isBack(session)
    feed.hold()
    const { known } = this.#news
    const hearLines = () => feed.hearLines()
    const entered = await paced(
      () => enterRoom(this.#client, { room: this.#news.room, name: this.name, hearLines, known }),
      () => this.#notice(slowedSentence),
    )
    // Meanwhile, another session has started, which enters the room next.
    if (session !== this.#sessions || this.#calls.isOver) return
    if (!entered.ok) {
      if (!passing.includes(entered.error.code)) {
        const sentence = this.#sentenceOf(entered.error, { name: this.name, room: this.#news.room })
        // The connection works, but the member cannot return, so there is nothing to wait for.
        this.#outage.end()
        return this.#options.expelled?.(`You cannot return to the chat. ${sentence}`)
      }
      await pause(limits.enterAgainMs)
      return await this.#return(session)
    }
    const { state, history } = entered.data
    const { missed, sentence } = returned(known, state, history)
    this.#outageFacts = undefined
    this.#news.isIn(state, history)
    // The oldest line that was shown stays the same, unless this is another log.
    if (history.log !== known.log) this.older.isIn(history)
    this.#notice(sentence)
    for (const entry of lineEntries({ log: history.log, lines: missed }, false)) this.#show(entry)
    this.files.entered(state.files)
    feed.open()
    this.#isBack(session)
  }

  #isBack(presentIn = this.#presentIn): void {
    this.#presentIn = presentIn
    if (!this.#isConnected || presentIn !== this.#sessions) return
    this.#calls.back()
    this.#outage.end()
  }

  #onOutage(facts: OutageFacts | undefined): void {
    const before = this.#outageFacts
    this.#outageFacts = facts
    this.#status.lost(facts)
    // In a new session, another notice describes the result.
    if (!this.#options.statusAsNotices || (before === undefined && facts === undefined)) return
    if (before === undefined) this.#notice('The connection to the server is lost: reconnecting.')
    else if (facts === undefined && this.isPresent) this.#notice('The connection to the server is back.')
  }

  #showMembers(): void {
    this.#notice(this.#status.company)
    this.#status.tell()
  }

  /** Makes a call that may be made twice, when the member is present and not faster than the server wants. */
  async #make<Data>(call: () => Promise<CallResult<Data>>): Promise<CallResult<Data>> {
    return await paced(
      () => this.#calls.make(call),
      () => this.#notice(slowedSentence),
    )
  }

  /** Runs a change of room when no other change is running. */
  #alone<Result>(run: () => Promise<Result>): Promise<Result> {
    const done = this.#moving.then(run)
    this.#moving = done.catch(() => undefined)
    return done
  }

  #notice(text: string): void {
    this.#show({ kind: 'notice', text })
  }
}

/** Failures of a server that is not ready yet. */
const passing: readonly string[] = [
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'CANCELLED',
  'SERVERS_APART',
]

const callOptions = { deadlineMs: limits.callDeadlineMs } as const
