import { randomUUID } from 'node:crypto'
import { type EventBus, type FollowedLog, followLog } from '@frameport/server'
import type { ClosedOffer, FileOffer } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import { type RoomRefused, Roster, type RosterEffect, type RosterLimits } from './roster.ts'
import type { RosterChange, SessionKey } from './roster-change.ts'
import type { RosterMember } from './roster-member.ts'
import type { OfferRefused, RosterOffer } from './roster-offers.ts'
import { RosterWriter, type RosterWriterOptions, rosterEvent } from './roster-writer.ts'
import { type PeerAddress, ServerBeats, type ServerProcess } from './server-beats.ts'

export interface RosterLinkOptions extends Omit<RosterWriterOptions, 'id'> {
  /** Undefined: this is the only server. */
  readonly bus?: EventBus | undefined
  /** Default: a process of its own. */
  readonly process?: ServerProcess | undefined
  readonly limits?: Partial<RosterLimits>
  /** Called for each effect, on every server. `isOwn`: this server made the change, and publishes its outcome. */
  readonly onEffect: (effect: RosterEffect, isOwn: boolean) => void
}

/** Connects one server to the roster. It appends the changes of this server to the shared log, applies the changes of all servers, and detects servers that are silent. */
export class RosterLink {
  readonly id = randomUUID()
  readonly roster: Roster
  readonly #options: RosterLinkOptions
  readonly #writer: RosterWriter
  #following: FollowedLog | undefined
  readonly #beats: ServerBeats
  #sessions = 0
  #asks = 0
  /** Joins under way, by the number of the session. */
  readonly #joins = new Map<number, (outcome: RosterMember | RoomRefused) => void>()
  /** Offers under way, by their numbers. */
  readonly #offers = new Map<number, (outcome: RosterOffer | OfferRefused) => void>()
  /** When each server was reported as down. */
  readonly #downAtMs = new Map<string, number>()
  /** Sessions without a connection. */
  readonly #away = new Set<number>()
  /** Members of this server that the others removed because they considered this server dead. They stay in their rooms here until they use another server. */
  readonly #forgotten = new Map<string, RosterMember & { readonly roomName: string }>()
  /** All earlier entries of the log are applied. */
  #isLive = false
  /** The number of the last change that was applied. */
  #number = 0
  #isClosed = false
  #beatsSaid = 0

  constructor(options: RosterLinkOptions) {
    this.#options = options
    const { bus, clock, logger, process } = options
    this.#writer = new RosterWriter({ ...options, id: this.id })
    const onBeat = () => this.#onBeat()
    this.#beats = new ServerBeats({ id: this.id, process, bus, clock, logger, onBeat })
    this.roster = new Roster(options.limits)
  }

  /**
   * Settles when this server has applied the whole log and has announced itself.
   *
   * @param peer where the other servers reach this one for files
   */
  async start(peer?: PeerAddress): Promise<void> {
    const { log, logger, bus } = this.#options
    this.#following = followLog(log, rosterEvent, {
      after: 'start',
      log: logger,
      onEvent: (change, { number }) => this.#apply(change, number),
      onGap: () => this.#ask(),
    })
    await this.#beats.listen()
    await this.#following.ready
    this.#isLive = true
    await this.#writer.append({ kind: 'up' })
    // Servers that are still in the log have ended.
    if (bus === undefined) for (const server of this.#others()) this.#writer.tell({ kind: 'down', server })
    this.#beats.start(peer)
  }

  /** Where another server has files for this one. */
  peerOf(server: string): PeerAddress | undefined {
    return this.#beats.peerOf(server)
  }

  get hasOthers(): boolean {
    return this.#options.bus !== undefined
  }

  session(): SessionKey {
    this.#sessions += 1
    return { server: this.id, number: this.#sessions }
  }

  /** Rejects when the log cannot be reached. */
  async join(
    by: string,
    session: SessionKey,
    wish: { readonly name: string; readonly room: string },
    membersMax: number = limits.roomMembersMax,
  ): Promise<RosterMember | RoomRefused> {
    const outcome = new Promise<RosterMember | RoomRefused>((resolve) => {
      this.#joins.set(session.number, resolve)
    })
    try {
      await this.#writer.append({ kind: 'join', by, session, ...wish, membersMax })
      return await outcome
    } catch (err) {
      this.#writer.failed({ err }, 'a member could not join: the log cannot be reached')
      throw err
    } finally {
      this.#joins.delete(session.number)
    }
  }

  /** Offers a file to the room of a session. Rejects when the log cannot be reached. */
  async offer(
    by: string,
    session: SessionKey,
    head: Pick<FileOffer, 'name' | 'bytes'>,
  ): Promise<RosterOffer | OfferRefused> {
    this.#asks += 1
    const ask = this.#asks
    const outcome = new Promise<RosterOffer | OfferRefused>((resolve) => {
      this.#offers.set(ask, resolve)
    })
    try {
      await this.#writer.append({
        kind: 'offer',
        by,
        session,
        ask,
        head,
        filesBefore: this.roster.offers.files,
      })
      return await outcome
    } finally {
      this.#offers.delete(ask)
    }
  }

  /** A file of this server can no longer be taken. */
  closeOffer(offer: number, why: ClosedOffer['why']): void {
    this.#writer.tellOf(`offer ${offer}`, { kind: 'offerClosed', offer, why })
  }

  away(by: string, session: SessionKey, isAway: boolean): void {
    if (isAway) this.#away.add(session.number)
    else this.#away.delete(session.number)
    this.#writer.tellOf(`session ${session.number}`, { kind: 'away', by, session, isAway })
  }

  leave(by: string, session: SessionKey, why: 'quit' | 'lost', heldMs: number): void {
    this.#forgotten.delete(by)
    this.#away.delete(session.number)
    this.#writer.tellOf(`session ${session.number}`, { kind: 'leave', by, session, why, heldMs })
  }

  /** The server ends. Its members are away until they come back through another server. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#writer.close()
    try {
      await this.#writer.append({ kind: 'down', server: this.id })
    } catch (err) {
      this.#options.logger.warn({ err }, 'could not notify the other servers that this one ends')
    }
    this.#following?.stop()
    await this.#beats.close()
  }

  /** Some changes are missing, so this asks the other servers for their lists. */
  #ask(): void {
    if (this.#isLive) this.#writer.tell({ kind: 'up' })
  }

  #apply(change: RosterChange, number: number): void {
    const { onEffect, clock } = this.#options
    const isOwn = change.from === this.id
    if (this.#isLive) this.#beats.heardOf(change.from)
    this.#downAtMs.delete(change.from)
    if (change.kind === 'down') {
      this.#downAtMs.set(change.server, clock.nowMs())
      this.#beats.gone(change.server, { hasSaidSo: change.from === change.server })
    }
    if (change.kind === 'forget') this.#downAtMs.delete(change.server)
    // Before the change is applied: the name of a room disappears with its last member.
    if (change.kind === 'forget' && change.server === this.id)
      for (const member of this.#ownMembers()) this.#forgotten.set(member.by, member)
    for (const effect of this.roster.apply(change, number)) {
      if (effect.kind === 'joined') this.#endForgotten(effect.member)
      // After the effect, so that waiting code sees the changed state.
      onEffect(effect, isOwn)
      if (isOwn) this.#settle(effect)
    }
    this.#number = number
    if (!this.#isLive || this.#isClosed) return
    if (change.kind === 'up' && !isOwn) {
      this.#beats.say()
      this.#tellWho()
    }
    // The other servers considered this server dead while it was suspended.
    if ((change.kind === 'down' || change.kind === 'forget') && change.server === this.id) this.#tellWho()
  }

  /** A removed member is in the roster again. If it uses another server now, this server has not been notified while the others considered it dead. */
  #endForgotten({ by, session }: RosterMember): void {
    const before = this.#forgotten.get(by)
    if (before === undefined) return
    this.#forgotten.delete(by)
    if (session.server !== this.id)
      this.#options.onEffect({ kind: 'left', member: before, why: 'replaced' }, false)
  }

  /** With the names of their rooms as members wrote them. */
  #ownMembers(): (RosterMember & { readonly roomName: string })[] {
    return [...this.roster.members.values()]
      .filter(({ session }) => session.server === this.id)
      .map((member) => ({ ...member, roomName: this.roster.room(member.room)?.name ?? member.room }))
  }

  #settle(effect: RosterEffect): void {
    if (effect.kind === 'joined') this.#joins.get(effect.member.session.number)?.(effect.member)
    else if (effect.kind === 'refused') this.#joins.get(effect.session.number)?.(effect.refusal)
    else if (effect.kind === 'offered') this.#offers.get(effect.ask)?.(effect.offer)
    else if (effect.kind === 'offerRefused') this.#offers.get(effect.ask)?.(effect.refusal)
  }

  /** Repeats changes that the log did not accept, and looks for silent servers. */
  #onBeat(): void {
    this.#beatsSaid += 1
    this.#writer.repeat()
    const isTimeForList = this.#options.bus !== undefined && this.#beatsSaid % limits.serverBeatsPerList === 0
    if (this.#writer.owesList || isTimeForList) this.#tellWho()
    this.#lookForSilent()
  }

  #lookForSilent(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const server of this.#others()) {
      const downAtMs = this.#downAtMs.get(server)
      if (downAtMs === undefined) {
        if (this.#beats.silentMs(server) > limits.serverSilentMs) this.#writer.tell({ kind: 'down', server })
      } else if (nowMs - downAtMs > limits.nameHeldMs) this.#writer.tell({ kind: 'forget', server })
    }
  }

  /** Other servers that have members. */
  #others(): ReadonlySet<string> {
    const servers = new Set([...this.roster.members.values()].map(({ session }) => session.server))
    servers.delete(this.id)
    return servers
  }

  #tellWho(): void {
    const told = [...this.#ownMembers(), ...this.#forgotten.values()]
    const members = told.map(({ by, session, name, roomName: room }) => ({
      by,
      session,
      name,
      room,
      // Whatever others have concluded while this server stood still.
      isAway: this.#away.has(session.number),
    }))
    const { offers } = this.roster
    this.#writer.tellList({
      kind: 'with',
      asOf: this.#number,
      members,
      filesBefore: offers.files,
      offers: offers.of(this.id).map(({ number, by, facts: { file, name, bytes } }) => ({
        offer: number,
        by,
        file,
        head: { name, bytes },
      })),
    })
  }
}
