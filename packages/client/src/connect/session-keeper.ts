import { type ByteStream, type FrameChannel, frameChannelOf } from '@frameport/framing'
import { RpcError, type SessionCloseReason } from '@frameport/protocol'
import { textOfThrown } from '@frameport/protocol/checks'
import type { Body } from '@frameport/protocol/envelope'
import type { Goaway, OpenedLink, Session, SessionEnvironment } from '@frameport/protocol/session'
import type {
  ConnectionChange,
  ConnectionState,
  ReconnectSettings,
  SessionStart,
} from '../reconnect-types.ts'
import type { Addresses } from './addresses.ts'
import { ConnectAttempt, type ConnectFailure } from './connect-attempt.ts'
import type { ConnectionHold } from './connection-hold.ts'
import { isFinal, isFinalRefusal } from './final-reasons.ts'
import { ReconnectTimes } from './reconnect-times.ts'

/** One session of a client; the client adds what it binds to each. */
export interface KeptSession {
  readonly session: Session
}

/** What is shown in a hello. */
export interface HelloCredentials {
  /** Asks for them, before each attempt. Absent when they are known. */
  readonly forHello: (() => Promise<Body>) | undefined
  /** @param asked what `forHello` gave */
  forNextHello(asked: Body | undefined): Body | undefined
  /** @returns whether a handshake failed for credentials that are not shown again */
  refused(reason: SessionCloseReason): boolean
  /** Whether whoever was asked for them has said this error, and not what was made of the answer. */
  threw(error: unknown): boolean
  /** What went wrong when they were asked for, in words. */
  textOf(error: unknown): string
}

export interface SessionKeeperOptions<Kept extends KeptSession> {
  readonly environment: SessionEnvironment
  /** Where to connect to. Absent for a client over a connection that it was given. */
  readonly addresses: Addresses | undefined
  /** Absent for a client that ends with its connection. */
  readonly reconnect: ReconnectSettings | undefined
  readonly connectTimeoutMs: number
  readonly credentials: HelloCredentials
  readonly hold: ConnectionHold
  /** Makes a session whose handlers tell the keeper. @param connectsAgain as that of a session */
  make(connectsAgain: boolean): Kept
  /** The state is another one, or an attempt to connect has failed. */
  changed(change: ConnectionChange): void
  /** Another session has taken the place of this one, which ends when what is open there has ended. */
  left(kept: Kept): void
  /** There is a session with a connection. */
  started(start: SessionStart): void
  /** There will be no session any more: calls are about to settle. Once. */
  ending(reason: SessionCloseReason): void
  /** Nothing is left of any session. Once, and last. */
  closed(reason: SessionCloseReason): void
}

/**
 * Keeps one client connected: connects, again where it may, and has the session of now. A session that has lost its connection gets the
 * next one. Where the server has forgotten it, or asks its clients to leave, a new one takes its place; the one that is left ends
 * when the calls that are open there have ended.
 */
export class SessionKeeper<Kept extends KeptSession> {
  readonly #options: SessionKeeperOptions<Kept>
  readonly #times: ReconnectTimes | undefined
  #current: Kept
  /** Takes the place of the one of now once it has a connection: the server wants to be left. */
  #next: Kept | undefined
  /** Their server takes no more calls, and nothing has taken their place yet. */
  readonly #behind = new Set<Kept>()
  /** All whose end has not come. */
  readonly #alive = new Set<Kept>()
  #attempt: ConnectAttempt | undefined
  #failure: ConnectFailure | undefined
  /** Whether the session of now has a connection whose handshake is done. */
  #isConnected = false
  #wasOpen = false
  #closing = false
  /** No attempt is made any more, for this reason: the client ends with its session of now. */
  #givenUp: SessionCloseReason | undefined
  #lastReason: SessionCloseReason | undefined
  #endReason: SessionCloseReason | undefined
  #toldState: ConnectionState = 'connecting'

  constructor(options: SessionKeeperOptions<Kept>) {
    const { environment, reconnect } = options
    this.#options = options
    this.#times =
      reconnect === undefined
        ? undefined
        : new ReconnectTimes(environment, reconnect, {
            attempt: () => this.#begin(),
            over: () => this.#giveUp(),
          })
    // A handshake that fails at one of several addresses is not the end.
    this.#current = this.#make(reconnect?.first === true || options.addresses?.areSeveral === true)
  }

  get current(): Kept {
    return this.#current
  }

  get state(): ConnectionState {
    if (this.#endReason !== undefined)
      return [...this.#alive].some(({ session }) => session.state === 'draining') ? 'draining' : 'closed'
    const { state } = this.#current.session
    if (state === 'opening' || state === 'detached') return this.#wasOpen ? 'reconnecting' : 'connecting'
    return state
  }

  /** Why the client never had a connection. */
  get failure(): ConnectFailure | undefined {
    return this.#failure
  }

  /** In words, why there is no connection although there was one; undefined when there is one. */
  get trouble(): string | undefined {
    const reason = this.#lastReason
    if (this.#isConnected || reason === undefined || this.#times === undefined) return undefined
    if (this.#endReason !== undefined) return undefined
    const { attemptsFailed } = this.#times
    const attempts =
      attemptsFailed === 1 ? '1 attempt to connect has' : `${attemptsFailed} attempts to connect have`
    const tried = attemptsFailed === 0 ? '' : `, and ${attempts} failed`
    return `the client has no connection (${reason.code}: ${reason.message})${tried}`
  }

  /** @param connection one that was given, in place of addresses */
  start(connection: FrameChannel | ByteStream | undefined): void {
    if (connection === undefined) {
      this.#options.hold.waits(true)
      this.#begin()
    } else {
      this.#options.hold.connected(this.#current, connection)
      this.#current.session.attach(frameChannelOf(connection))
    }
  }

  opened(kept: Kept): void {
    if (kept === this.#next) {
      const left = this.#current
      this.#current = kept
      this.#next = undefined
      this.#connected({ resumed: false, isFirst: false })
      this.#leave(left)
    } else if (kept === this.#current) {
      const behind = [...this.#behind]
      this.#behind.clear()
      this.#connected({ resumed: false, isFirst: !this.#wasOpen })
      for (const left of behind) this.#leave(left)
    }
  }

  resumed(kept: Kept): void {
    if (kept === this.#current) this.#connected({ resumed: true, isFirst: false })
  }

  /** The session has no connection, and takes another one. */
  detached(kept: Kept, reason: SessionCloseReason): void {
    if (kept !== this.#current || !this.#isConnected) {
      if (kept === this.#target) this.#handshakeFailed(kept, reason)
      return
    }
    this.#dropNext()
    this.#connectionOver(kept, reason)
    if (isFinal(reason) || !this.#goesOn) kept.session.abort(reason)
    else this.#again(reason, reason.retryAfterMs)
  }

  /** The server knows the session no more. Its connection is for another one. */
  forgotten(kept: Kept, opened: OpenedLink): void {
    if (kept !== this.#current || this.#closing) return
    this.#current = this.#make(true)
    this.#options.hold.moved(kept, this.#current)
    this.#current.session.attach(opened)
  }

  /** The server takes no more calls, or will soon take none. */
  goaway(kept: Kept, { isFinal: isLast, retryAfterMs }: Goaway): void {
    if (kept !== this.#current || !this.#goesOn) return
    const message = 'the server asked its clients to connect elsewhere'
    const reason: SessionCloseReason = { code: 'CLOSED', message, closedBy: 'peer', retryAfterMs }
    if (!isLast) {
      if (this.#next !== undefined) return
      this.#next = this.#make(true)
    } else {
      this.#isConnected = false
      this.#lastReason = reason
      this.#behind.add(kept)
      this.#current = this.#next ?? this.#make(true)
      this.#next = undefined
    }
    // With an attempt on its way the next session gets its connection.
    if (this.#attempt === undefined && this.#times !== undefined && (isLast || !this.#times.isSet)) {
      this.#options.addresses?.moveOn()
      this.#times.asked(isLast, retryAfterMs)
    }
    this.#waits(reason)
  }

  /** The calls of the session are about to settle. */
  ending(kept: Kept, reason: SessionCloseReason): void {
    if (kept === this.#next) {
      this.#next = undefined
      this.#connectionOver(kept, reason)
      this.#moveFailed(reason)
    } else if (kept === this.#current) {
      if (this.#goesOn && !isFinal(reason)) this.#replace(kept, reason)
      else this.#end(this.#givenUp ?? reason)
    }
  }

  /** Nothing is left of the session. */
  closed(kept: Kept): void {
    this.#alive.delete(kept)
    this.#behind.delete(kept)
    this.#options.hold.gone(kept)
    if (this.#alive.size > 0 || this.#endReason === undefined) return
    this.#tell(this.#endReason)
    this.#options.closed(this.#endReason)
  }

  /** Ends the client in order: as `Session.close`, for all of its sessions. */
  async close(options: { readonly graceMs?: number | undefined; readonly closedBy: string }): Promise<void> {
    this.#closing = true
    this.#stopConnecting()
    this.#dropNext()
    const closing = [...this.#alive].map(({ session }) => session.close(options))
    this.#tell()
    await Promise.all(closing)
  }

  /** Whether what is lost is replaced. */
  get #goesOn(): boolean {
    if (this.#times === undefined || this.#closing || this.#givenUp !== undefined) return false
    return this.#wasOpen || this.#options.reconnect?.first === true
  }

  /** The one that gets the next connection. */
  get #target(): Kept {
    return this.#next ?? this.#current
  }

  /** Delays are short while the session may go on. */
  get #wait(): { readonly mayResume: boolean } {
    return { mayResume: this.#target.session.state === 'detached' }
  }

  #make(connectsAgain: boolean): Kept {
    const kept = this.#options.make(connectsAgain)
    this.#alive.add(kept)
    return kept
  }

  #begin(): void {
    const { addresses, environment, connectTimeoutMs: timeoutMs, credentials } = this.#options
    if (addresses === undefined) return
    const attempt: ConnectAttempt = new ConnectAttempt({
      addresses,
      environment,
      timeoutMs,
      credentials,
      connected: (connection, auth) => this.#attach(connection, auth),
      failed: (failure) => this.#attemptFailed(failure),
      late: (message) => this.#target.session.detach({ code: 'HELLO_TIMEOUT', message }),
    })
    this.#attempt = attempt
  }

  #attach(connection: FrameChannel | ByteStream, auth: Body | undefined): void {
    const target = this.#target
    const { hold, credentials } = this.#options
    hold.connected(target, connection)
    try {
      target.session.attach(frameChannelOf(connection), { auth: credentials.forNextHello(auth) })
    } catch (cause) {
      if (target.session.state === 'closed') return
      const message = `the connection could not be used: ${textOfThrown(cause)}`
      this.#handshakeFailed(target, { code: 'CONNECTION_LOST', message, cause })
    }
  }

  /** The next address is tried. Behind the last one the client tries again later, unless it would meet the same at each. */
  #handshakeFailed(kept: Kept, reason: SessionCloseReason): void {
    const { addresses, credentials, hold } = this.#options
    if (isFinal(reason) && !credentials.refused(reason)) addresses?.ruleOut(reason)
    if (this.#attempt?.goesOnAfter(reason) === true) {
      hold.gone(kept)
      hold.waits(true)
      return
    }
    const why = this.#attempt?.reasonAfter(reason) ?? reason
    this.#connectionOver(kept, why)
    const verdict = addresses?.verdict
    if (verdict !== undefined || !this.#goesOn) kept.session.abort(verdict ?? why)
    else this.#again(why, addresses?.retryAfterMs)
  }

  #attemptFailed(failure: ConnectFailure): void {
    this.#attempt = undefined
    const { message, cause } = failure
    const isSaid = failure.isOfCredentials && this.#options.credentials.threw(cause)
    const refusal = isSaid && RpcError.is(cause) && isFinalRefusal(cause)
    // Whoever issues credentials may say when it is there again.
    const retryAfterMs = isSaid && RpcError.is(cause) ? cause.retryAfterMs : undefined
    const reason: SessionCloseReason = refusal
      ? { code: 'HELLO_REFUSED', message, closedBy: 'local', cause }
      : (failure.refusal ?? { code: 'CONNECTION_LOST', message, cause, retryAfterMs })
    if (!this.#goesOn || refusal) {
      if (!this.#wasOpen && reason.code === 'CONNECTION_LOST') this.#failure = failure
      this.#target.session.abort(reason)
    } else {
      this.#times?.failed()
      this.#again(reason, isSaid ? retryAfterMs : this.#options.addresses?.retryAfterMs)
    }
  }

  /** The attempt, or the connection, of this session is over. */
  #connectionOver(kept: Kept, reason: SessionCloseReason): void {
    this.#lastReason = reason
    this.#options.hold.gone(kept)
    if (kept === this.#current && this.#isConnected) {
      this.#isConnected = false
      this.#times?.lost()
    } else if (this.#attempt?.isConnected === true) {
      this.#attempt.end()
      this.#attempt = undefined
      this.#options.addresses?.moveOn()
      this.#times?.failed()
    }
  }

  #connected(start: SessionStart): void {
    this.#attempt?.end()
    this.#attempt = undefined
    this.#options.addresses?.connected()
    this.#isConnected = true
    this.#wasOpen = true
    this.#times?.connected()
    this.#options.hold.waits(false)
    this.#tell()
    // Whoever was told may have closed the client.
    if (!this.#closing) this.#options.started(start)
  }

  /**
   * After a failure: the next attempt is made in its time, unless one is on its way.
   *
   * @param retryAfterMs when a server may be asked again. What the reason says is that of one of them
   */
  #again(reason: SessionCloseReason, retryAfterMs: number | undefined): void {
    this.#lastReason = reason
    if (this.#attempt === undefined) this.#times?.next(retryAfterMs, this.#wait)
    this.#waits(reason)
  }

  #waits(reason: SessionCloseReason): void {
    if (this.#isConnected) return
    this.#times?.waits()
    this.#options.hold.waits(true)
    this.#tell(reason)
  }

  /** Another session takes the place of the one that ends. */
  #replace(kept: Kept, reason: SessionCloseReason): void {
    // The attempts of before say more than that the window is over.
    const why = this.#isConnected ? reason : (this.#lastReason ?? reason)
    this.#connectionOver(kept, reason)
    this.#current = this.#next ?? this.#make(true)
    this.#next = undefined
    if (this.#times?.isSet === true) this.#waits(reason)
    else this.#again(reason, reason.retryAfterMs)
    this.#lastReason = why
  }

  /** The session that was to take over has ended before it could. */
  #moveFailed(reason: SessionCloseReason): void {
    if (!isFinal(reason)) {
      if (!this.#goesOn) return
      this.#next = this.#make(true)
      this.#again(reason, reason.retryAfterMs)
      return
    }
    // The one of now goes on as long as the server has it.
    this.#givenUp = reason
    this.#stopConnecting()
  }

  /** Calls that are open there end there, in the time that its server gives them. */
  #leave(left: Kept): void {
    for (const other of this.#alive)
      if (other.session.state === 'draining') void other.session.close({ closedBy: leaving })
    this.#options.left(left)
    void left.session.close({ graceMs: Number.POSITIVE_INFINITY, closedBy: leaving })
  }

  #dropNext(): void {
    const next = this.#next
    if (next === undefined) return
    this.#next = undefined
    if (this.#attempt?.isConnected === true) {
      this.#attempt.end()
      this.#attempt = undefined
    }
    next.session.abort({ code: 'CLOSED', message: 'the client does not need it any more' })
  }

  #giveUp(): void {
    const { trouble } = this
    const waitedMs = this.#options.reconnect?.reconnectTimeoutMs
    const message = `the client gave up after ${waitedMs} ms without a connection${trouble === undefined ? '' : `: ${trouble}`}`
    const cause = this.#lastReason?.cause
    this.#givenUp = { code: 'CONNECTION_LOST', message, ...(cause === undefined ? {} : { cause }) }
    this.#stopConnecting()
    this.#current.session.abort(this.#givenUp)
  }

  #stopConnecting(): void {
    this.#times?.stop()
    this.#attempt?.end()
    this.#attempt = undefined
    this.#options.hold.waits(false)
  }

  #end(reason: SessionCloseReason): void {
    this.#endReason = reason
    this.#isConnected = false
    this.#stopConnecting()
    this.#dropNext()
    for (const kept of this.#alive) if (kept !== this.#current) void kept.session.close({ closedBy: leaving })
    this.#options.ending(reason)
  }

  /** Tells of another state, and of each failure while there is no connection. */
  #tell(reason?: SessionCloseReason): void {
    const { state } = this
    const isFailure = reason !== undefined && (state === 'connecting' || state === 'reconnecting')
    if (state === this.#toldState && !isFailure) return
    this.#toldState = state
    const { failures, delayMs } = this.#times ?? {}
    this.#options.changed({
      state,
      ...(reason === undefined ? {} : { reason }),
      ...(isFailure ? { failures, delayMs } : {}),
    })
  }
}

const leaving = 'this client has moved to another connection'
