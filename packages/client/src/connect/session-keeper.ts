import { type ByteStream, type FrameChannel, frameChannelOf } from '@frameport/framing'
import type { SessionCloseReason } from '@frameport/protocol'
import { textOfThrown } from '@frameport/protocol/checks'
import type { Body } from '@frameport/protocol/envelope'
import type { Goaway, OpenedLink } from '@frameport/protocol/session'
import type { ClientStats } from '../client-types.ts'
import type { SessionStart } from '../reconnect-types.ts'
import { ConnectAttempts, type FailedAttempt } from './connect-attempts.ts'
import { ConnectionStatus } from './connection-status.ts'
import { isFinal } from './final-reasons.ts'
import { type KeptSession, KeptSessions } from './kept-sessions.ts'
import { ReconnectTimes } from './reconnect-times.ts'
import type { SessionKeeperOptions } from './session-keeper-options.ts'

/**
 * Keeps one client connected. Each event of a session, or of an attempt to connect, leads to the next attempt, the next
 * session, or the end. A session that has lost its connection gets the next one. If the server has forgotten the
 * session, or asks its clients to leave, a new session replaces it. The former one ends when its open calls have ended.
 */
export class SessionKeeper<Kept extends KeptSession> {
  readonly #options: SessionKeeperOptions<Kept>
  readonly #times: ReconnectTimes | undefined
  readonly #sessions: KeptSessions<Kept>
  readonly #attempts: ConnectAttempts
  readonly #status: ConnectionStatus<Kept>
  #closing = false
  /** The reason why no further attempt is made: the client ends with its current session. */
  #givenUp: SessionCloseReason | undefined
  #connections = 0

  constructor(options: SessionKeeperOptions<Kept>) {
    const { environment, reconnect, addresses, credentials, connectTimeoutMs: timeoutMs } = options
    this.#options = options
    this.#times =
      reconnect === undefined
        ? undefined
        : new ReconnectTimes(environment, reconnect, {
            attempt: () => this.#attempts.begin(),
            over: () => this.#giveUp(),
          })
    this.#attempts = new ConnectAttempts({
      addresses,
      environment,
      timeoutMs,
      credentials,
      connected: (connection, auth) => this.#attach(connection, auth),
      failed: (attempt) => this.#attemptFailed(attempt),
      late: (message) => this.#sessions.target.session.detach({ code: 'HELLO_TIMEOUT', message }),
    })
    // A handshake that fails at one of several addresses does not end the client.
    const connectsAgain = reconnect?.first === true || addresses?.areSeveral === true
    this.#sessions = new KeptSessions((again) => options.make(again), connectsAgain)
    this.#status = new ConnectionStatus({
      sessions: this.#sessions,
      times: this.#times,
      changed: (change) => options.changed(change),
    })
  }

  /** The current session. */
  get current(): Kept {
    return this.#sessions.current
  }

  /** Statistics of the client. */
  stats(): ClientStats {
    const { totals } = this.#sessions
    return { ...this.current.session.stats(), totals, connectionsMade: this.#connections }
  }

  get status(): Pick<ConnectionStatus<Kept>, 'state' | 'failure' | 'trouble'> {
    return this.#status
  }

  /** @param connection a given connection, instead of addresses */
  start(connection: FrameChannel | ByteStream | undefined): void {
    if (connection === undefined) {
      this.#options.hold.waits(true)
      this.#attempts.begin()
    } else {
      this.#options.hold.connected(this.current, connection)
      this.current.session.attach(frameChannelOf(connection))
    }
  }

  opened(kept: Kept): void {
    if (kept === this.#sessions.next) {
      const left = this.#sessions.replace()
      this.#connected({ resumed: false, isFirst: false })
      this.#leave(left)
    } else if (kept === this.current) {
      const behind = this.#sessions.takeBehind()
      this.#connected({ resumed: false, isFirst: !this.#status.wasOpen })
      for (const left of behind) this.#leave(left)
    }
  }

  resumed(kept: Kept): void {
    if (kept === this.current) this.#connected({ resumed: true, isFirst: false })
  }

  /** Called when the session has lost its connection, and can take another one. */
  detached(kept: Kept, reason: SessionCloseReason): void {
    if (kept !== this.current || !this.#status.isConnected) {
      if (kept === this.#sessions.target) this.#handshakeFailed(kept, reason)
      return
    }
    this.#dropNext()
    this.#connectionOver(kept, reason)
    if (isFinal(reason) || !this.#goesOn) kept.session.abort(reason)
    else this.#again(reason, reason.retryAfterMs)
  }

  /** Called when the server does not know the session any more. The connection is passed to a new session. */
  forgotten(kept: Kept, opened: OpenedLink): void {
    if (kept !== this.current || this.#closing) return
    this.#sessions.replace()
    this.#options.hold.moved(kept, this.current)
    this.current.session.attach(opened)
  }

  /** Called when the server takes no more calls, or will soon take none. */
  goaway(kept: Kept, { isFinal: isLast, retryAfterMs }: Goaway): void {
    if (kept !== this.current) return
    const message = 'the server asked its clients to connect elsewhere'
    const reason: SessionCloseReason = { code: 'CLOSED', message, closedBy: 'peer', retryAfterMs }
    if (!this.#goesOn) {
      // The session may be draining now.
      this.#status.tell(reason)
      return
    }
    if (isLast) {
      this.#status.disconnected()
      this.#status.met(reason)
      this.#sessions.replaceLater()
    } else {
      if (this.#sessions.next !== undefined) return
      this.#sessions.prepareNext()
    }
    // If an attempt is being made, the next session gets its connection.
    if (!this.#attempts.isMade && this.#times !== undefined && (isLast || !this.#times.isSet)) {
      // The addresses have already advanced if the server asked before.
      if (!this.#times.isSet) this.#options.addresses?.moveOn()
      this.#times.asked(isLast, retryAfterMs)
    }
    this.#waits(reason)
  }

  /** Called when the calls of the session are about to settle. */
  ending(kept: Kept, reason: SessionCloseReason): void {
    if (kept === this.#sessions.next) {
      this.#sessions.takeNext()
      this.#connectionOver(kept, reason)
      this.#moveFailed(reason)
    } else if (kept === this.current) {
      if (this.#goesOn && !isFinal(reason)) this.#replace(kept, reason)
      else this.#end(this.#givenUp ?? reason)
    }
  }

  /** Called when the session has ended completely. */
  closed(kept: Kept): void {
    this.#sessions.gone(kept)
    this.#options.hold.gone(kept)
    const { endReason } = this.#status
    if (!this.#sessions.areGone || endReason === undefined) return
    this.#status.tell(endReason)
    this.#options.closed(endReason)
  }

  /** Ends the client in order: like `Session.close`, for all of its sessions. */
  async close(options: { readonly graceMs?: number | undefined; readonly closedBy: string }): Promise<void> {
    this.#closing = true
    this.#stopConnecting()
    this.#dropNext()
    const closed = this.#sessions.close(options)
    this.#status.tell(this.#status.endReason)
    await closed
  }

  /** Whether the client replaces a lost connection. */
  get #goesOn(): boolean {
    if (this.#times === undefined || this.#closing || this.#givenUp !== undefined) return false
    return this.#status.wasOpen || this.#options.reconnect?.first === true
  }

  #attach(connection: FrameChannel | ByteStream, auth: Body | undefined): void {
    const { target } = this.#sessions
    const { hold, credentials } = this.#options
    try {
      hold.connected(target, connection)
      target.session.attach(frameChannelOf(connection), { auth: credentials.forNextHello(auth) })
    } catch (cause) {
      if (target.session.state === 'closed') return
      const message = `the connection could not be used: ${textOfThrown(cause)}`
      this.#handshakeFailed(target, { code: 'CONNECTION_LOST', message, cause })
    }
  }

  /**
   * Tries the next address. After the last one, the client tries again later, unless the result would be the same at
   * each.
   */
  #handshakeFailed(kept: Kept, reason: SessionCloseReason): void {
    const { addresses, hold } = this.#options
    const why = this.#attempts.handshakeFailed(reason)
    if (why === undefined) {
      hold.gone(kept)
      hold.waits(true)
      return
    }
    this.#connectionOver(kept, why)
    const verdict = addresses?.verdict
    if (verdict !== undefined || !this.#goesOn) kept.session.abort(verdict ?? why)
    else this.#again(why, addresses?.retryAfterMs)
  }

  #attemptFailed({ failure, reason, isFinal: isRefused, retryAfterMs }: FailedAttempt): void {
    if (isRefused || !this.#goesOn) {
      if (!this.#status.wasOpen && reason.code === 'CONNECTION_LOST') this.#status.failed(failure)
      this.#sessions.target.session.abort(reason)
    } else {
      this.#times?.failed()
      this.#again(reason, retryAfterMs)
    }
  }

  /** The attempt to connect for this session has failed, or its connection is lost. */
  #connectionOver(kept: Kept, reason: SessionCloseReason): void {
    this.#status.met(reason)
    this.#options.hold.gone(kept)
    if (kept === this.current && this.#status.isConnected) {
      this.#status.disconnected()
      this.#times?.lost()
    } else if (this.#attempts.isConnected) {
      this.#attempts.end()
      this.#options.addresses?.moveOn()
      this.#times?.failed()
    }
  }

  #connected(start: SessionStart): void {
    this.#attempts.end()
    this.#connections += 1
    this.#options.addresses?.connected()
    this.#status.connected()
    this.#times?.connected()
    this.#options.hold.waits(false)
    this.#status.tell()
    // The callback may have closed the client.
    if (!this.#closing) this.#options.started(start)
  }

  /**
   * After a failure, sets the time of the next attempt, unless one is under way.
   *
   * @param retryAfterMs when any of the servers may be tried again; the reason has the value of one server only
   */
  #again(reason: SessionCloseReason, retryAfterMs: number | undefined): void {
    this.#status.met(reason)
    // Delays are short while the session may be resumed.
    const mayResume = this.#sessions.target.session.state === 'detached'
    if (!this.#attempts.isMade) this.#times?.next(retryAfterMs, { mayResume })
    this.#waits(reason)
  }

  #waits(reason: SessionCloseReason): void {
    // The client may just have given up.
    if (this.#status.isConnected || !this.#goesOn) return
    this.#times?.waits()
    this.#options.hold.waits(true)
    this.#status.tell(reason)
  }

  /** Replaces a session that ends by another one. */
  #replace(kept: Kept, reason: SessionCloseReason): void {
    const { isConnected, lastReason } = this.#status
    // The earlier attempts are more informative than the end of the window.
    const why = isConnected ? reason : (lastReason ?? reason)
    this.#connectionOver(kept, reason)
    this.#sessions.replace()
    if (this.#times?.isSet === true) this.#waits(reason)
    else this.#again(reason, reason.retryAfterMs)
    this.#status.met(why)
  }

  /** The session that was to replace the current one has ended before it could. */
  #moveFailed(reason: SessionCloseReason): void {
    if (!isFinal(reason)) {
      if (!this.#goesOn) return
      this.#sessions.prepareNext()
      this.#again(reason, reason.retryAfterMs)
      return
    }
    // The current session continues as long as the server has it.
    this.#givenUp = reason
    this.#stopConnecting()
  }

  #leave(left: Kept): void {
    this.#options.left(left)
    this.#sessions.leave(left)
  }

  #dropNext(): void {
    const next = this.#sessions.takeNext()
    if (next === undefined) return
    this.#attempts.endHandshake()
    next.session.abort({ code: 'CLOSED', message: 'the client no longer needs it' })
  }

  #giveUp(): void {
    this.#givenUp = this.#status.gaveUpAfter(this.#options.reconnect?.reconnectTimeoutMs)
    this.#stopConnecting()
    this.current.session.abort(this.#givenUp)
  }

  #stopConnecting(): void {
    this.#times?.stop()
    this.#attempts.end()
    this.#options.hold.waits(false)
  }

  #end(reason: SessionCloseReason): void {
    this.#status.ended(reason)
    this.#stopConnecting()
    this.#dropNext()
    this.#sessions.leaveOthers()
    this.#options.ending(reason)
  }
}
