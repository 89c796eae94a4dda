import type { CallRecord, LinkRecord, ServedRecord } from './records.ts'
import type { World } from './world.ts'

/** How often a call is made again at most, when its session was replaced. */
const movesMax = 3

/** A connection that lasted so long was a good one, after which the time to give up begins anew. A shorter one may have been. */
const lastedMs = 30_000

/**
 * What may happen at a cut: the one place of the model that says it.
 *
 * A cut alone ends nothing: the client gets another connection, and its session goes on. A session ends when one of its sides has asked for
 * that, when a process of it has died, or when it was without a connection for as long as it is kept. Another one takes its place then, of which the server
 * knows nothing: calls are made again where nothing is done twice, and subscriptions of the client are. Where sessions do not go on, each cut ends one; where clients do not connect again,
 * it ends the link.
 */
export class AtACut {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** A link may end although its application did not ask for it. */
  linkMayEnd(link: LinkRecord): boolean {
    const { reconnects } = this.#world.facts
    // The first connection is tried once.
    if (link.client.openedAtMs === undefined) return link.isDisturbed
    if (reconnects) return this.#mayGiveUp(link)
    const { served } = link
    return served !== undefined && (isAskedToLeave(served) || link.isDisturbedAt(served.host))
  }

  /** What a server said that refuses everybody is said of the one attempt to connect for the first time. */
  mayBeRefused({ client, serverHosts }: LinkRecord): boolean {
    const { lettingNobodyIn } = this.#world.facts
    return client.openedAtMs === undefined && serverHosts.some(({ name }) => lettingNobodyIn.includes(name))
  }

  /** A session may be over, for one side at least. */
  sessionMayEnd(session: ServedRecord): boolean {
    const { link, host, detachedAtMs, isThere } = session
    if (isAskedToLeave(session) || !isThere || link.isEnding) return true
    // Another session of the client may have taken the place of this one.
    if (link.taken.has(session) && link.served !== session) return true
    // A client that never had it may have given its attempt up, or have been too slow with its hello.
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
   * A session may be over for calls that were sent in it. One whose connection has reached its age gives them the time that its server does,
   * unless that connection breaks meanwhile: a client that does not connect again sends none any more.
   */
  sessionMayLoseCalls(session: ServedRecord): boolean {
    const { link, host, agedAtMs, isEnding, isDead } = session
    if (agedAtMs === undefined) return this.sessionMayEnd(session)
    const { reconnects, agedGraceMs } = this.#world.facts
    if (isEnding || isDead || link.isEnding || !reconnects || link.isDisturbedAt(host)) return true
    return host.hasPassed(agedGraceMs, agedAtMs, this.#world.nowMs)
  }

  /** A client that never had a session may have given the attempt up that began it: also when the connection that it was to leave has ended. */
  attemptMayBeGivenUp(session: ServedRecord): boolean {
    const { link, host } = session
    if (link.taken.has(session)) return false
    return link.isDisturbedAt(host) || link.sessions.some(({ agedAtMs }) => agedAtMs !== undefined)
  }

  /** The server may be told that a session is over. */
  sessionMayBeGone(session: ServedRecord): boolean {
    const { link, host, detachedAtMs } = session
    if (isAskedToLeave(session) || link.isEnding) return true
    const { resumes, serverWindowMs } = this.#world.facts
    // A client that never had it may have given its attempt up before it heard of it.
    if (this.attemptMayBeGivenUp(session)) return true
    if (!resumes || !link.taken.has(session)) return link.isDisturbedAt(host)
    return detachedAtMs !== undefined && host.hasPassed(serverWindowMs, detachedAtMs, this.#world.nowMs)
  }

  /** An open call may fail with UNAVAILABLE: its session may be over, or was replaced since. */
  callMayFail(call: CallRecord): boolean {
    const { link, served, madeAtMs } = call
    if (served !== undefined) return this.sessionMayEnd(served)
    if (link.isEnding || this.linkMayEnd(link) || link.replacedAtMs >= madeAtMs) return true
    return sessionsSince(link, madeAtMs).some((session) => this.sessionMayLoseCalls(session))
  }

  /** A handler may be told that its caller is gone. */
  runMayBeAborted(call: CallRecord, session: ServedRecord): boolean {
    // What is made again on the connection that a client moved to is left on the one before.
    const isMadeAgain = call.resumes || call.isIdempotent
    const isLeft = isMadeAgain && call.link.left.some((left) => left.session === session)
    return isLeft || this.callMayFail(call) || this.sessionMayLoseCalls(session)
  }

  /**
   * A handler of a call may begin on this session. Never two on one session, and never two of a call whose work must not be done twice.
   */
  mayRun(call: CallRecord, session: ServedRecord): boolean {
    if (call.runs.length === 0) return true
    if (call.served !== undefined || call.runs.some(({ served }) => served === session)) return false
    // A stream that goes on is made as often as it gives something in between.
    return call.resumes || (call.isIdempotent && call.runs.length <= movesMax)
  }

  /** Events of this link may be missing without a gap that says so. */
  eventsMayBeLost(link: LinkRecord): boolean {
    return link.client.closedAtMs !== undefined || link.client.isDead || link.served?.isThere !== true
  }

  /** A call without an answer that was handed to the connection may be lost: with its session, and not before. */
  onewayMayBeLost({ link, served, madeAtMs }: CallRecord): boolean {
    if (link.client.closedAtMs !== undefined || link.client.isDead) return true
    if (link.replacedAtMs >= madeAtMs) return true
    if (served !== undefined) return !served.isThere
    const left = link.left.filter(({ atMs }) => atMs >= madeAtMs)
    return link.served?.isThere !== true || left.some(({ session }) => this.sessionMayLoseCalls(session))
  }

  /** A client has lost its connection. */
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

/** By its server: because it ends, or because the connection is old. */
function isAskedToLeave({ isEnding, agedAtMs }: ServedRecord): boolean {
  return isEnding || agedAtMs !== undefined
}

/** Another server has let the client of this session in since: the one that it could not come back to knows it alone. */
function isElsewhere({ link, host, attachedAtMs }: ServedRecord): boolean {
  return link.sessions.some((other) => other.host !== host && (other.openedAtMs ?? 0) >= attachedAtMs)
}

/** Those on which a call may have been sent that was made then. */
function sessionsSince(link: LinkRecord, sinceMs: number): ServedRecord[] {
  const left = link.left.filter(({ atMs }) => atMs >= sinceMs).map(({ session }) => session)
  return link.served === undefined ? left : [...left, link.served]
}
