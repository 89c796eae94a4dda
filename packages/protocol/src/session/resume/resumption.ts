import { inMicrotask } from '@frameport/framing/checks'
import type { SessionTicket, WelcomeEnvelope } from '../../envelope/link-envelopes.ts'
import type { NamedSessions } from '../common/named-sessions.ts'
import type { PeerInfo } from '../common/peer-info.ts'
import type { SessionChannel } from '../common/session-channel.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { AskedResume, LinkResume, MovableLink } from '../link/link-types.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { KnownPrincipals } from './known-principals.ts'
import { randomBytes, sessionId } from './random-bytes.ts'
import { type Announced, canResume, differenceOf, offersTheSame } from './resume-agreement.ts'
import { type ResendTurn, ResumeChannel } from './resume-channel.ts'
import { SessionSecrets } from './session-secrets.ts'
import { StallWatch } from './stall-watch.ts'

/** 128 bits cannot be guessed. */
const secretBytes = 16

/** The methods of the session that its resumption calls. */
export interface ResumptionOwner {
  /** Whether the session may continue over another link: it is open and not ending. */
  readonly mayGoOn: boolean
  /** What the peer announced in the first handshake. */
  readonly peer: PeerInfo | undefined
  /**
   * The remaining milliseconds of a call of this side: undefined without a deadline, 0 if its caller no longer waits.
   */
  leftMs(callId: number): number | undefined
  /**
   * Moves the session from its link to this one.
   *
   * @returns false if its owner, informed about the old link, has ended the session or `link`
   */
  takeLink(link: MovableLink): boolean
  /** The new session is not needed: its client resumes the session of `owner`. */
  movedTo(owner: ResumptionOwner): void
  /** Called when an acknowledgement must be sent. */
  tellReceived(): void
  /** Asks the peer how much it has handled, after all data sent so far. */
  askReceived(): void
  /** There is room again for waiting data. */
  roomAgain(): void
  /** The memory that it shares with other sessions is nearly used up. */
  readonly memoryIsTight: boolean
  /** See `Traffic.silentMs`. */
  readonly silentMs: number
  /** Everything has been sent again. */
  caughtUp(): void
  /** This call was cancelled before it reached the peer. */
  neverMade(callId: number): void
  /** The peer caused a fault: end the session. */
  failed(fault: SessionFault): void
}

export interface ResumptionOptions {
  readonly environment: SessionEnvironment
  readonly limits: SessionLimits
  readonly turn: ResendTurn
  /** What this side announces in its handshakes. */
  readonly own: Announced
  /** The sessions of the server; undefined on a client, and on a server that resumes none. */
  readonly sessions: NamedSessions<Resumption> | undefined
}

/**
 * The state with which one session continues over another connection: its name and secret, the unacknowledged data, and
 * the number of handled envelopes. It starts with the first welcome that names the session.
 */
export class Resumption implements LinkResume {
  readonly #options: ResumptionOptions
  readonly #owner: ResumptionOwner
  #channel: ResumeChannel | undefined
  #acknowledgements: Acknowledgements | undefined
  /** Created for data that waits for a connected peer. */
  #stall: StallWatch | undefined
  /** Server: the id that the client has to show. */
  #id: Uint8Array | undefined
  #secrets: SessionSecrets | undefined
  #principals = new KnownPrincipals(undefined)
  /** Client: the ticket to show. */
  #ticket: SessionTicket | undefined
  /**
   * The number of envelopes that the peer has handled, from this handshake; undefined if the session is not resumed.
   */
  #peerReceived: number | undefined

  constructor(options: ResumptionOptions, owner: ResumptionOwner) {
    this.#options = options
    this.#owner = owner
  }

  /** The channel on which the session sends; undefined while it has no name. */
  get channel(): ResumeChannel | undefined {
    return this.#channel
  }

  /** Client: the ticket for the next hello. */
  get ticket(): SessionTicket | undefined {
    return this.#ticket
  }

  /** Whether the completed handshake resumed the former session. */
  get goesOn(): boolean {
    return this.#peerReceived !== undefined
  }

  told(): number | undefined {
    return this.#acknowledgements?.told()
  }

  get offer(): AskedResume | undefined {
    const received = this.#acknowledgements?.received
    return this.#ticket === undefined || received === undefined ? undefined : { ...this.#ticket, received }
  }

  welcome(
    link: MovableLink,
    asked: AskedResume | undefined,
    peer: PeerInfo,
    principal: string | undefined,
  ): Pick<WelcomeEnvelope, 'session' | 'received'> {
    const { sessions, limits, environment } = this.#options
    const { resumeBytes, resumeWindowMs } = peer.settings
    // A client without a window ends with its connection.
    if (sessions === undefined || !canResume(limits.resumeBytes, resumeBytes) || resumeWindowMs === 0)
      return {}
    const other = asked && sessions.find(asked.session)
    if (asked !== undefined && other?.isFor(asked, peer, principal, this.#options.own)) {
      const welcome = other.takeUp(link, asked, principal)
      if (welcome !== undefined) {
        this.#owner.movedTo(other.#owner)
        return welcome
      }
      if (link.isOver()) return {}
    }
    this.#id = sessionId(environment)
    this.#secrets = new SessionSecrets(randomBytes(environment, secretBytes))
    this.#principals = new KnownPrincipals(principal)
    sessions.add(this.#id, this)
    environment.sessionIds?.named(this.#id)
    return { session: { session: this.#id, secret: this.#secrets.newest } }
  }

  welcomed(ticket: SessionTicket | undefined, received: number | undefined): void {
    if (received !== undefined && this.#ticket === undefined)
      throw violation('the server resumed a session without being asked')
    this.#ticket = ticket && { session: ticket.session.slice(), secret: ticket.secret.slice() }
    this.#peerReceived = received
  }

  knowsAlsoAs(principal: string): void {
    this.#principals.add(principal)
  }

  acknowledged(received: number): void {
    if (this.#channel === undefined) return
    this.#secrets?.confirm()
    if (this.#acknowledge(this.#channel, received) || this.#channel.isBehind) this.#owner.roomAgain()
    else if (this.#channel.waitsForAck) this.#watchStall()
  }

  /** @returns whether there is room again after there was none */
  #acknowledge(channel: ResumeChannel, received: number): boolean {
    const keptBefore = channel.keptBytes
    const hasRoomAgain = channel.acknowledged(received)
    // A peer that acknowledges some envelopes is slow, but not gone.
    if (channel.keptBytes < keptBefore) this.#stall?.stop()
    return hasRoomAgain
  }

  /** An envelope of the session, which counts, is about to be handled. */
  handling(payloadBytes: number): void {
    this.#acknowledgements?.handling(payloadBytes)
  }

  /** It was handled, and the session still has the same connection. */
  handled(): void {
    this.#acknowledgements?.handled()
  }

  /** The first link is open. @returns the channel for the session: `link` itself if the session has no name */
  begin(link: SessionChannel, peer: PeerInfo): SessionChannel {
    const { environment, limits, turn } = this.#options
    const isNamed = this.#id !== undefined || this.#ticket !== undefined
    const { resumeBytes: peerResumeBytes, frameBytesMax: sendBytesMax } = peer.settings
    if (!isNamed || !canResume(limits.resumeBytes, peerResumeBytes)) return link
    const owner = this.#owner
    this.#acknowledgements = new Acknowledgements({
      environment,
      peerResumeBytes,
      resumeAckMs: limits.resumeAckMs,
      tell: () => owner.tellReceived(),
    })
    this.#channel = new ResumeChannel({
      environment,
      limits,
      turn,
      sendBytesMax,
      leftMs: (callId) => owner.leftMs(callId),
      neverMade: (callId) => owner.neverMade(callId),
      memoryIsTight: () => owner.memoryIsTight,
      ask: () => owner.askReceived(),
      filled: () => this.#watchStall(),
      overfilled: (bytes) => this.#overfilled(bytes),
    })
    this.#channel.connect(link)
    return this.#channel
  }

  /**
   * Another link is open, and the session continues: call {@link catchUp} next.
   *
   * @throws SessionFault if the peer's count is impossible
   */
  goOn(link: SessionChannel): void {
    const channel = this.#channel as ResumeChannel
    this.#acknowledge(channel, this.#peerReceived ?? 0)
    channel.connect(link)
    if (channel.waitsForAck) this.#watchStall()
  }

  /** True if data must be sent again before anything else. */
  get isBehind(): boolean {
    return this.#channel?.isBehind === true
  }

  /** Sends again as much as the turn and the link allow. @returns whether nothing is left, and the link has room */
  catchUp(): boolean {
    const channel = this.#channel
    if (channel?.isBehind !== true) return true
    const hasRoom = channel.catchUp()
    if (!channel.isBehind) {
      if (!channel.waitsForAck) this.#stall?.stop()
      this.#owner.caughtUp()
    }
    return hasRoom
  }

  /** The link is gone. @param silentMs how long the peer had been silent */
  detached(silentMs: number): void {
    this.#peerReceived = undefined
    this.#channel?.disconnect()
    this.#acknowledgements?.stop()
    this.#stall?.pause(silentMs)
  }

  /** The session is over. */
  end(): void {
    this.#acknowledgements?.stop()
    this.#stall?.stop()
    this.#channel?.end()
    if (this.#id === undefined) return
    const { sessions, environment } = this.#options
    sessions?.remove(this.#id, this)
    environment.sessionIds?.forgotten(this.#id)
  }

  /**
   * Created when data first waits: most peers acknowledge in time. A peer without a connection has nothing to
   * acknowledge.
   */
  #watchStall(): void {
    if (this.#channel?.isConnected !== true) return
    const { environment, limits } = this.#options
    this.#stall ??= new StallWatch(environment, limits.stalledTimeoutMs, this.#owner)
    this.#stall.begin()
  }

  /** Deferred, because a sender must not be called back from inside its own call. */
  #overfilled(keptBytes: number): void {
    const text = `the peer has not acknowledged ${keptBytes} bytes, and resumeBytes of this side is ${this.#options.limits.resumeBytes}`
    inMicrotask(() => this.#owner.failed(new SessionFault('LIMIT_EXCEEDED', text)))
  }

  /** Checked before anything changes: a refused hello leaves the old link as it is. */
  isFor(asked: AskedResume, peer: PeerInfo, principal: string | undefined, own: Announced): boolean {
    const before = this.#owner.peer
    const knowsSecret = this.#secrets?.includes(asked.secret) === true
    if (!knowsSecret || before === undefined || !this.#owner.mayGoOn) return false
    if (!this.#principals.has(principal) || differenceOf(before, peer) !== undefined) return false
    // The owner of a server may use different limits and contracts for each session.
    return offersTheSame(this.#options.own, own, peer.contracts)
  }

  /**
   * @returns undefined if the session could not be resumed after all
   * @throws SessionFault for an impossible count; the old link is then unchanged
   */
  takeUp(
    link: MovableLink,
    asked: AskedResume,
    principal: string | undefined,
  ): Pick<WelcomeEnvelope, 'session' | 'received'> | undefined {
    const secrets = this.#secrets as SessionSecrets
    this.#channel?.check(asked.received)
    if (!this.#owner.takeLink(link)) return undefined
    secrets.renew(randomBytes(this.#options.environment, secretBytes))
    this.#principals.shown(principal)
    this.#peerReceived = asked.received
    return {
      session: { session: this.#id as Uint8Array, secret: secrets.newest },
      received: this.#acknowledgements?.told() ?? 0,
    }
  }
}
