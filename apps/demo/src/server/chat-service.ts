import { randomUUID } from 'node:crypto'
import type { ChatClock } from '../chat-clock.ts'
import type { Line, RoomState } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'
import type { ChatServiceOptions, JoinRefusal, MoveToRoom, Outlet } from './chat-service-options.ts'
import { Offers } from './files/offers.ts'
import { boardOf } from './files/roster-board.ts'
import { accepted, type NotInRoom, type Outcome, refused, type TooFast } from './outcome.ts'
import { awayOf, membersOf } from './roster/room-members.ts'
import type { RoomRefused, RosterEffect } from './roster/roster.ts'
import type { SessionKey } from './roster/roster-change.ts'
import { RosterLink } from './roster/roster-link.ts'
import type { RosterMember } from './roster/roster-member.ts'
import type { PeerAddress } from './roster/server-beats.ts'
import { tooFastFor, Visitor } from './visitor.ts'

/** The log has not accepted a line. */
type NotKept = { readonly code: 'NOT_KEPT' }

/**
 * The rules of the chat, without a network: names, rooms, and the events that members receive. The roster, which all
 * servers share, decides which member is in which room. This class knows the sessions of its own server.
 */
export class ChatService {
  readonly offers: Offers
  readonly #link: RosterLink
  readonly #outlet: Outlet
  readonly #clock: ChatClock
  /** The largest number of people in a room, for members who enter it through this server. */
  readonly #membersMax: number
  /** The visitors in a room, by the number of their session. */
  readonly #visitors = new Map<number, Visitor>()

  constructor(outlet: Outlet, clock: ChatClock, options: ChatServiceOptions) {
    this.#outlet = outlet
    this.#clock = clock
    const { rosterLog: log, bus, logger, roomLimits, isAway, process } = options
    this.#membersMax = roomLimits?.membersMax ?? limits.roomMembersMax
    this.#link = new RosterLink({
      log,
      bus,
      isAway,
      process,
      clock,
      logger,
      ...(roomLimits === undefined ? {} : { limits: roomLimits }),
      onEffect: (effect, isOwn) => this.#onEffect(effect, isOwn),
    })
    this.offers = new Offers(
      clock,
      boardOf(this.#link, (roomKey) => membersOf(this.#link.roster, roomKey)),
    )
  }

  /**
   * Settles when this server knows the roster. It accepts no members before.
   *
   * @param peer where the other servers reach this one for files
   */
  start(peer?: PeerAddress): Promise<void> {
    return this.#link.start(peer)
  }

  /** The id of this server, new after each start. */
  get id(): string {
    return this.#link.id
  }

  /** The address at which another server offers its files. */
  peerOf(server: string): PeerAddress | undefined {
    return this.#link.peerOf(server)
  }

  /** @param identity the same for all sessions of one person. Default: a new person */
  arrive(identity: string = randomUUID()): Visitor {
    return new Visitor(identity, () => this.#clock.nowMs())
  }

  /** Enters a room. A new session of a person with a name replaces the old session, on any server. */
  async join(
    visitor: Visitor,
    wish: { readonly room: string; readonly name: string },
    moved: MoveToRoom,
  ): Promise<Outcome<RoomState, JoinRefusal>> {
    if (visitor.gone) return refused({ code: 'GONE' })
    const tooFast = tooFastFor(visitor)
    if (tooFast !== undefined) return refused(tooFast)
    const { name, room: before, identity } = visitor
    if (name !== undefined && nameKey(wish.name) !== nameKey(name))
      return refused({ code: 'NAME_FIXED', name })
    if (name !== undefined && before === nameKey(wish.room))
      return accepted(this.#stateOf(visitor, before, name))
    const session = this.#sessionOf(visitor)
    let outcome: RosterMember | RoomRefused
    try {
      outcome = await this.#link.join(
        identity,
        session,
        { name: name ?? wish.name, room: wish.room },
        this.#membersMax,
      )
    } catch {
      return refused({ code: 'SERVERS_APART' })
    }
    if ('code' in outcome) {
      if (visitor.room === undefined) this.#visitors.delete(session.number)
      return refused(outcome)
    }
    if (visitor.gone) {
      this.#link.leave(identity, session, 'lost', 0)
      return refused({ code: 'GONE' })
    }
    await moved(outcome.room, before)
    return accepted(this.#stateOf(visitor, outcome.room, outcome.name))
  }

  /** Returns the key of the room whose history the visitor may read, or a refusal. */
  readsHistory(visitor: Visitor): Outcome<string, NotInRoom | TooFast> {
    if (visitor.room === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const tooFast = tooFastFor(visitor)
    return tooFast === undefined ? accepted(visitor.room) : refused(tooFast)
  }

  who(visitor: Visitor): Outcome<Pick<RoomState, 'members' | 'away'>, NotInRoom> {
    const { room } = visitor
    if (room === undefined) return refused({ code: 'NOT_IN_ROOM' })
    return accepted({ members: membersOf(this.#link.roster, room), away: awayOf(this.#link.roster, room) })
  }

  /** @param number the number that the speaker gave the line, so that a repeated line is not published again */
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
    const lineNumber = await this.#outlet.line(room, line, id)
    return lineNumber === undefined ? refused({ code: 'NOT_KEPT' }) : accepted({ lineNumber })
  }

  typing(visitor: Visitor): Outcome<void, NotInRoom> {
    const { room, name } = visitor
    if (room === undefined || name === undefined) return refused({ code: 'NOT_IN_ROOM' })
    const nowMs = this.#clock.nowMs()
    if (nowMs - visitor.typedAtMs < limits.typingIntervalMs) return accepted(undefined)
    visitor.typedAtMs = nowMs
    this.#outlet.typing(room, name)
    return accepted(undefined)
  }

  /** The connection is lost, and may be replaced. The others are notified after `awayToldMs`. */
  detached(visitor: Visitor): void {
    visitor.isDetached = true
    if (visitor.room === undefined) return
    visitor.stopAway()
    visitor.stopAway = this.#clock.after(limits.awayToldMs, () => this.#tellAway(visitor, true))
  }

  /** The session continues over another connection. */
  resumed(visitor: Visitor): void {
    visitor.isDetached = false
    visitor.stopAway()
    if (visitor.isAway) this.#tellAway(visitor, false)
  }

  /** Handles a goodbye: the name is free at once. */
  quit(visitor: Visitor): void {
    this.#leave(visitor, 'quit', 0)
  }

  /**
   * Handles the end of the session. The name stays reserved for a while, unless the person said goodbye or was already
   * away for that time.
   */
  lose(visitor: Visitor): void {
    visitor.gone = true
    this.#leave(visitor, 'lost', visitor.isDetached ? 0 : limits.nameHeldMs)
  }

  /** The server closes. Its members may come back to another server, or to the next one. */
  async close(): Promise<void> {
    for (const visitor of this.#visitors.values()) visitor.stopAway()
    this.offers.close()
    await this.#link.close()
  }

  #sessionOf(visitor: Visitor): SessionKey {
    visitor.session ??= this.#link.session()
    this.#visitors.set(visitor.session.number, visitor)
    return visitor.session
  }

  #leave(visitor: Visitor, why: 'quit' | 'lost', heldMs: number): void {
    const { session, identity } = visitor
    visitor.stopAway()
    if (session === undefined) return
    visitor.session = undefined
    this.#link.leave(identity, session, why, heldMs)
  }

  #tellAway(visitor: Visitor, isAway: boolean): void {
    visitor.isAway = isAway
    if (visitor.session !== undefined) this.#link.away(visitor.identity, visitor.session, isAway)
  }

  #onEffect(effect: RosterEffect, isOwn: boolean): void {
    if (effect.kind === 'presence') {
      if (isOwn) this.#outlet.presence(effect.room, effect.presence)
    } else if (effect.kind === 'joined') this.#joined(effect.member)
    else if (effect.kind === 'left') this.#left(effect)
    else if (effect.kind === 'offered') {
      if (isOwn) this.#outlet.offer(effect.offer.room, effect.offer.facts)
    } else if (effect.kind === 'offerClosed') this.#offerClosed(effect, isOwn)
  }

  #joined({ session, name, room }: RosterMember): void {
    const visitor = this.#own(session)
    if (visitor === undefined) return
    visitor.name = name
    visitor.room = room
    visitor.enteredAtMs = this.#clock.dateMs()
    visitor.typedAtMs = Number.NEGATIVE_INFINITY
  }

  #left({ member, why }: Extract<RosterEffect, { kind: 'left' }>): void {
    const { session, room } = member
    const visitor = this.#own(session)
    // If the others considered this server dead, it announces itself again, and its members stay in their rooms.
    if (visitor !== undefined && why !== 'forgotten') {
      visitor.room = undefined
      if (why === 'replaced') this.#handGateOn(visitor)
      if (why !== 'left') this.#end(visitor, session, why)
    }
    this.offers.memberLeft(room)
  }

  #offerClosed({ offer, why }: Extract<RosterEffect, { kind: 'offerClosed' }>, isOwn: boolean): void {
    this.offers.closed(offer.number, why)
    if (isOwn) this.#outlet.offerClosed(offer.room, { file: offer.facts.file, why })
  }

  /** Passes the flood gate on to the session that replaces this one, if it is on this server. */
  #handGateOn(visitor: Visitor): void {
    for (const other of this.#visitors.values())
      if (other.identity === visitor.identity && other !== visitor) other.gate = visitor.gate
  }

  #end(visitor: Visitor, session: SessionKey, why: 'quit' | 'lost' | 'replaced'): void {
    visitor.name = undefined
    visitor.stopAway()
    visitor.gone ||= why !== 'quit'
    this.#visitors.delete(session.number)
  }

  #own({ server, number }: SessionKey): Visitor | undefined {
    return server === this.#link.id ? this.#visitors.get(number) : undefined
  }

  #stateOf({ enteredAtMs }: Visitor, roomKey: string, name: string): RoomState {
    return {
      room: this.#link.roster.room(roomKey)?.name ?? roomKey,
      name,
      members: membersOf(this.#link.roster, roomKey),
      away: awayOf(this.#link.roster, roomKey),
      atMs: enteredAtMs,
      serverId: this.#link.id,
      hasOthers: this.#link.hasOthers,
      files: this.offers.openIn(roomKey),
    }
  }
}
