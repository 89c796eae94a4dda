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
 * One person or script in the chat, in one room at a time and under one name. Every refusal comes back as a sentence;
 * events of other members are shown as they happen. It outlives its connection: what is asked for meanwhile waits.
 */
export class Member<Files extends RoomFiles = RoomFiles> {
  readonly name: string
  readonly files: Files
  /** What was said in the room before the lines that are shown. */
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
  /** Of the line said last. */
  #lineNumber = 0
  #isConnected = true
  /** Grows with each session that knows nothing of the one before. */
  #sessions = 0
  /** The session in which it is in its room. */
  #presentIn = 0
  /** Settles when nobody changes the room: one at a time does. */
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

  /** The same, with who of them is away. */
  get people(): readonly Person[] {
    return this.#status.people
  }

  /** Whether it is in the chat, and has a connection. */
  get isPresent(): boolean {
    return this.#calls.isReady
  }

  /** Whether it is present, and the server answers it as far as is known. */
  get isAnswered(): boolean {
    return this.#calls.isAnswered
  }

  /** Settles when the server does not answer, as far as is known, or is lost. It may be so already. */
  unanswered(): Promise<void> {
    return this.#calls.unanswered()
  }

  /** Settles when the server has answered, or the run ends: with whether it was there all the time, and did so at once. */
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
    // Without a deadline: it is said once, however late, and a server that is gone is found by the heartbeat.
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

  /** Shows that events were left out, and asks for the members when some of them may have come or gone unseen. */
  missed({ event, topic, events }: TopicGap): void {
    const { room } = (topic ?? {}) as { readonly room?: unknown }
    // Who is about to enter the room again is told there what was missed.
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

  /** There is a connection again. `resumed`: the session goes on, and nothing was missed. */
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

  /** Waits for no connection any more: what was asked for fails. */
  stopWaiting(): void {
    this.#outage.end()
    this.#calls.end()
  }

  /** Says goodbye, where there is somebody to say it to, and leaves even when the server does not answer. */
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

  /** The server knows nothing of the session before: the room is entered again, and what was said meanwhile is shown. */
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
    // Another session has come meanwhile, which is entered next.
    if (session !== this.#sessions || this.#calls.isOver) return
    if (!entered.ok) {
      if (!passing.includes(entered.error.code)) {
        const sentence = this.#sentenceOf(entered.error, { name: this.name, room: this.#news.room })
        // It has a connection, and comes back over none: nothing is being waited for.
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
    // What was shown before goes on to be the oldest, unless this is another history.
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
    // What has become of it in a new session is said there.
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

  /** Runs what changes the room when nothing else does. */
  #alone<Result>(run: () => Promise<Result>): Promise<Result> {
    const done = this.#moving.then(run)
    this.#moving = done.catch(() => undefined)
    return done
  }

  #notice(text: string): void {
    this.#show({ kind: 'notice', text })
  }
}

/** Failures of a server that has not found its feet yet. */
const passing: readonly string[] = [
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'CANCELLED',
  'SERVERS_APART',
]

const callOptions = { deadlineMs: limits.callDeadlineMs } as const
