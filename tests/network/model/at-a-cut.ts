import type { CallRecord, LinkRecord, ServedRecord } from './records.ts'
import type { World } from './world.ts'

/** The maximum number of times that a call is repeated after its session was replaced. */
const movesMax = 3

/**
 * A connection that lasted this long was a good one, so the time to give up starts again. A shorter one may have been
 * good.
 */
const lastedMs = 30_000

/**
 * The only place in the model that says what may happen at a cut.
 *
 * A cut alone ends nothing: the client gets another connection, and its session is resumed. A session ends if one of
 * its sides has asked for that, if one of its processes has died, or if it had no connection for as long as it is kept.
 * Another session then replaces it, of which the server knows nothing: calls are repeated if that does no work twice,
 * and the client subscribes again. If sessions are not resumed, each cut ends one. If clients do not reconnect, it ends
 * the link.
 */
export class AtACut {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Whether a link may end although its application did not ask for that. */
  linkMayEnd(link: LinkRecord): boolean {
    const { reconnects } = this.#world.facts
    // The first connection is only tried once.
    if (link.client.openedAtMs === undefined) return link.isDisturbed
    if (reconnects) return this.#mayGiveUp(link)
    const { served } = link
    return served !== undefined && (isAskedToLeave(served) || link.isDisturbedAt(served.host))
  }

  /** If a server refuses every client, only the first attempt to connect may report that. */
  mayBeRefused({ client, serverHosts }: LinkRecord): boolean {
    const { lettingNobodyIn } = this.#world.facts
    return client.openedAtMs === undefined && serverHosts.some(({ name }) => lettingNobodyIn.includes(name))
  }

  /** Whether a session may be over, at least for one side. */
  sessionMayEnd(session: ServedRecord): boolean {
    const { link, host, detachedAtMs, isThere } = session
    if (isAskedToLeave(session) || !isThere || link.isEnding) return true
    // Another session of the client may have replaced this one.
    if (link.taken.has(session) && link.served !== session) return true
    // A client that never had this session may have given up its attempt, or have sent its hello too late.
    const isDisturbed = link.isDisturbedAt(host)
    if (this.attemptMayBeGivenUp(session)) return true
    const { resumes, serverWindowMs, clientWindowMs } = this.#world.facts
    if (!resumes) return isDisturbed
    if (isDisturbed && isElsewhere(session)) return true
    const { nowMs } = this.#world
    const isOver = detachedAtMs !== undefined && host.hasPassed(serverWindowMs, detachedAtMs, nowMs)
    const { lostAtMs, client } = link
    return isOver || (lostAtMs !== undefined && client.host.hasPassed(clientWindowMs, lostAtMs, nowMs))
  }

  /**
   * Whether a session may be over for calls that were sent in it. After its connection has reached its age, the server
   * gives them a grace period, unless the connection breaks meanwhile, because a client that does not reconnect sends
   * no more calls.
   */
  sessionMayLoseCalls(session: ServedRecord): boolean {
    const { link, host, agedAtMs, isEnding, isDead } = session
    if (agedAtMs === undefined) return this.sessionMayEnd(session)
    const { reconnects, agedGraceMs } = this.#world.facts
    if (isEnding || isDead || link.isEnding || !reconnects || link.isDisturbedAt(host)) return true
    return host.hasPassed(agedGraceMs, agedAtMs, this.#world.nowMs)
  }

  /**
   * Whether a client that never had a session may have given up the attempt that began it, also because the connection
   * that it was to leave has ended.
   */
  attemptMayBeGivenUp(session: ServedRecord): boolean {
    const { link, host } = session
    if (link.taken.has(session)) return false
    return link.isDisturbedAt(host) || link.sessions.some(({ agedAtMs }) => agedAtMs !== undefined)
  }

  /** Whether the server may learn that a session is over. */
  sessionMayBeGone(session: ServedRecord): boolean {
    const { link, host, detachedAtMs } = session
    if (isAskedToLeave(session) || link.isEnding) return true
    const { resumes, serverWindowMs } = this.#world.facts
    // A client that never had this session may have given up its attempt before it learned of the session.
    if (this.attemptMayBeGivenUp(session)) return true
    if (!resumes || !link.taken.has(session)) return link.isDisturbedAt(host)
    return detachedAtMs !== undefined && host.hasPassed(serverWindowMs, detachedAtMs, this.#world.nowMs)
  }

  /** Whether an open call may fail with UNAVAILABLE, because its session may be over or was replaced since. */
  callMayFail(call: CallRecord): boolean {
    const { link, served, madeAtMs } = call
    if (served !== undefined) return this.sessionMayEnd(served)
    if (link.isEnding || this.linkMayEnd(link) || link.replacedAtMs >= madeAtMs) return true
    return sessionsSince(link, madeAtMs).some((session) => this.sessionMayLoseCalls(session))
  }

  /** Whether a handler may learn that its caller has left. */
  runMayBeAborted(call: CallRecord, session: ServedRecord): boolean {
    // A call that is repeated on the connection to which a client moved is cancelled on the earlier one.
    const isMadeAgain = call.resumes || call.isIdempotent
    const isLeft = isMadeAgain && call.link.left.some((left) => left.session === session)
    return isLeft || this.callMayFail(call) || this.sessionMayLoseCalls(session)
  }

  /**
   * Whether a handler of a call may begin on this session. Never twice on one session, and never twice for a call whose
   * work must not be repeated.
   */
  mayRun(call: CallRecord, session: ServedRecord): boolean {
    if (call.runs.length === 0) return true
    if (call.served !== undefined || call.runs.some(({ served }) => served === session)) return false
    // A stream that continues is repeated as long as it sends items in between.
    return call.resumes || (call.isIdempotent && call.runs.length <= movesMax)
  }

  /** Whether events of this link may be missing without a gap. */
  eventsMayBeLost(link: LinkRecord): boolean {
    return link.client.closedAtMs !== undefined || link.client.isDead || link.served?.isThere !== true
  }

  /**
   * Whether a one-way call that was passed to the connection may be lost, which happens only together with its session.
   */
  onewayMayBeLost({ link, served, madeAtMs }: CallRecord): boolean {
    if (link.client.closedAtMs !== undefined || link.client.isDead) return true
    if (link.replacedAtMs >= madeAtMs) return true
    if (served !== undefined) return !served.isThere
    const left = link.left.filter(({ atMs }) => atMs >= madeAtMs)
    return link.served?.isThere !== true || left.some(({ session }) => this.sessionMayLoseCalls(session))
  }

  /** Records that a client has lost its connection. */
  lost(link: LinkRecord, atMs: number): void {
    link.lostAtMs ??= atMs
    const { host } = link.client
    // The earlier time allows more.
    if (host.hasPassed(lastedMs, link.connectedAtMs, atMs)) link.troubledSinceMs = atMs
    else link.troubledSinceMs ??= atMs
  }

  #mayGiveUp({ client, troubledSinceMs }: LinkRecord): boolean {
    const { reconnectTimeoutMs } = this.#world.facts
    const { nowMs } = this.#world
    return troubledSinceMs !== undefined && client.host.hasPassed(reconnectTimeoutMs, troubledSinceMs, nowMs)
  }
}

/** Whether the server asks the client to leave, because the server is closing or the connection is old. */
function isAskedToLeave({ isEnding, agedAtMs }: ServedRecord): boolean {
  return isEnding || agedAtMs !== undefined
}

/**
 * Whether another server has admitted the client of this session since then. The original server, which the client
 * could not reach, does not know that.
 */
function isElsewhere({ link, host, attachedAtMs }: ServedRecord): boolean {
  return link.sessions.some((other) => other.host !== host && (other.openedAtMs ?? 0) >= attachedAtMs)
}

/** The sessions on which a call that was made at this time may have been sent. */
function sessionsSince(link: LinkRecord, sinceMs: number): ServedRecord[] {
  const left = link.left.filter(({ atMs }) => atMs >= sinceMs).map(({ session }) => session)
  return link.served === undefined ? left : [...left, link.served]
}
