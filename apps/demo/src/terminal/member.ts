import { setTimeout as delay } from 'node:timers/promises'
import { type Client, safe, type TopicGap } from '@frameport/client'
import { type ChatClock, realClock } from '../chat-clock.ts'
import type { chat, Line, Presence, RoomState } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { lineFault, nameFault, nameKey, normalisedName, roomFault } from '../text-rules.ts'
import { Company } from './company.ts'
import { enterRoom } from './enter-room.ts'
import type { Show } from './entry.ts'
import { sentenceOf } from './failures.ts'
import { MemberFiles } from './files/member-files.ts'
import type { FileProgress } from './files/progress.ts'
import { Outage, type OutageFacts } from './outage.ts'
import { paced, slowedSentence } from './pace.ts'
import { type CallResult, PatientCalls } from './patient-calls.ts'
import { type KnownRoomState, returned } from './returns.ts'
import { type RoomEvent, RoomFeed } from './room-feed.ts'
import { gapSentence, presenceSentence } from './sentences.ts'
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
  /** Show typists, those who are away, and the progress of files as notices, because there is no status row. */
  readonly statusAsNotices: boolean
  /** Where paths of files to be sent begin, and where taken files are saved. */
  readonly folders: { readonly folder: string; readonly saveTo: string }
  /** Called when the server does not let it in again, with a sentence that says why. */
  readonly expelled?: (sentence: string) => void
  readonly clock?: ChatClock
}

/**
 * One person or script in the chat, in one room at a time and under one name. Every refusal comes back as a sentence;
 * events of other members are shown as they happen. It outlives its connection: what is asked for meanwhile waits.
 */
export class Member {
  readonly name: string
  readonly files: MemberFiles
  readonly #client: Client<typeof chat>
  readonly #show: Show
  readonly #options: MemberOptions
  readonly #typists: Typists
  readonly #calls = new PatientCalls()
  readonly #outage: Outage
  readonly #company = new Company()
  #feed: RoomFeed | undefined
  #room = ''
  #known: KnownRoomState = { serverId: '', historyId: '', lastLineId: 0 }
  /** Of the line said last. */
  #lineNumber = 0
  #isConnected = true
  /** Grows with each session that knows nothing of the one before. */
  #sessions = 0
  /** The session in which it is in its room. */
  #presentIn = 0
  /** Settles when nobody changes the room: one at a time does. */
  #moving: Promise<unknown> = Promise.resolve()
  #typing: readonly string[] = []
  #progress: readonly FileProgress[] = []
  #outageFacts: OutageFacts | undefined
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
    this.#outage = new Outage(options.clock ?? realClock, (facts) => this.#onOutage(facts))
    const { client, show, folders, statusAsNotices: progressAsNotice } = options
    const changed = (files: readonly FileProgress[]) => {
      this.#progress = files
      this.#changed()
    }
    const ready = () => this.#calls.ready()
    this.files = new MemberFiles({
      client,
      name: this.name,
      show,
      ...folders,
      changed,
      progressAsNotice,
      ready,
    })
  }

  get members(): readonly string[] {
    return this.#company.names
  }

  /** Whether it is in the chat, and has a connection. */
  get isPresent(): boolean {
    return this.#calls.isReady
  }

  /** Settles when it is present: with false when the run ends before. */
  present(): Promise<boolean> {
    return this.#calls.ready()
  }

  async join(wish: string): Promise<Fault> {
    const room = normalisedName(wish)
    const fault = nameFault(this.name) ?? roomFault(room)
    if (fault !== undefined) return fault
    if (this.#feed !== undefined && nameKey(room) === nameKey(this.#room)) {
      this.#notice(`You are in ${this.#room} already.`)
      return undefined
    }
    const joined = await this.#make(() => this.#alone(() => this.#join(room)))
    return joined.ok ? undefined : sentenceOf(joined.error, { name: this.name, room })
  }

  async say(text: string): Promise<Fault> {
    const fault = lineFault(text)
    if (fault !== undefined) return fault
    this.#typingSentAtMs = Number.NEGATIVE_INFINITY
    this.#lineNumber += 1
    const number = this.#lineNumber
    const said = await this.#make(() => safe(this.#client.lines.say({ text, number }, callOptions)))
    return said.ok ? undefined : sentenceOf(said.error)
  }

  async who(): Promise<Fault> {
    const answer = await this.#make(() => safe(this.#client.rooms.who(callOptions)))
    if (!answer.ok) return sentenceOf(answer.error)
    this.#company.is(answer.data.members, answer.data.away)
    this.#showMembers()
    return undefined
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
    if (this.#feed === undefined || !this.isPresent || room !== nameKey(this.#room)) return
    if (event === 'chat/line') this.#notice(gapSentence(events))
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
    this.#typists.clear()
    await this.files.stop()
    if (this.isPresent) await safe(this.#client.quit({ deadlineMs: limits.closeGraceMs }))
    this.#feed?.stop()
  }

  async #join(room: string): Promise<CallResult<undefined>> {
    const feed = new RoomFeed(this.#client, nameKey(room), (event) => this.#onRoomEvent(event))
    const entered = await enterRoom(this.#client, { room, name: this.name })
    if (!entered.ok) {
      feed.stop()
      return entered
    }
    this.#feed?.stop()
    this.#feed = feed
    const { state, history } = entered.data
    this.#isIn(state)
    for (const line of history) this.#show({ kind: 'line', ...line, past: true })
    this.#notice(`${state.name} joined ${state.room}`)
    this.#showMembers()
    this.files.entered(state.files)
    feed.open()
    return { ok: true, data: undefined }
  }

  /** The server knows nothing of the session before: the room is entered again, and what was said meanwhile is shown. */
  async #return(session: number): Promise<void> {
    const feed = this.#feed
    if (feed === undefined) return this.#isBack(session)
    feed.hold()
    const entered = await paced(
      () => enterRoom(this.#client, { room: this.#room, name: this.name }),
      () => this.#notice(slowedSentence),
    )
    // Another session has come meanwhile, which is entered next.
    if (session !== this.#sessions || this.#calls.isOver) return
    if (!entered.ok) {
      if (!passing.includes(entered.error.code)) {
        const sentence = sentenceOf(entered.error, { name: this.name, room: this.#room })
        return this.#options.expelled?.(sentence)
      }
      await delay(limits.enterAgainMs)
      return await this.#return(session)
    }
    const { state, history } = entered.data
    const { missed, sentence } = returned(this.#known, state, history)
    this.#outageFacts = undefined
    this.#isIn(state)
    this.#notice(sentence)
    for (const line of missed) this.#show({ kind: 'line', ...line, past: false })
    this.files.entered(state.files)
    feed.open()
    this.#isBack(session)
  }

  #isIn(state: RoomState): void {
    this.#room = state.room
    this.#known = state
    this.#typists.clear()
    this.#company.is(state.members, state.away)
    this.#changed()
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
    this.#changed()
    // What has become of it in a new session is said there.
    if (!this.#options.statusAsNotices || (before === undefined && facts === undefined)) return
    if (before === undefined) this.#notice('The connection to the server is lost: reconnecting.')
    else if (facts === undefined && this.isPresent) this.#notice('The connection to the server is back.')
  }

  #showMembers(): void {
    this.#notice(`In ${this.#room} (${this.#company.size}): ${this.#company}`)
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
    if (line.id <= this.#known.lastLineId) return
    this.#known = { ...this.#known, lastLineId: line.id }
    this.#typists.stopped(line.name)
    this.#show({ kind: 'line', ...line, past: false })
  }

  #onPresence(presence: Presence): void {
    const { name, change } = presence
    this.#typists.stopped(name)
    this.#company.changed(presence)
    const isStatus = change === 'away' || change === 'back'
    // Of its own absence it was told already.
    if (!isStatus || (this.#options.statusAsNotices && name !== this.name))
      this.#notice(presenceSentence(presence, this.#room))
    this.#changed()
  }

  #onTyping(name: string): void {
    if (name === this.name) return
    const news = this.#typists.typing(name)
    if (news && this.#options.statusAsNotices) this.#notice(typingSentence([name]))
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

  #changed(): void {
    this.#options.changed({
      room: this.#room,
      members: this.#company.here,
      away: this.#company.away,
      outage: this.#outageFacts,
      typing: this.#typing,
      files: this.#progress,
    })
  }
}

/** Failures of a server that has not found its feet yet. */
const passing: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'CANCELLED']

const callOptions = { deadlineMs: limits.callDeadlineMs } as const
