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
    return reconnects ? this.#mayGiveUp(link) : link.isDisturbed || link.served?.isEnding === true
  }

  /** A session may be over, for one side at least. */
  sessionMayEnd(session: ServedRecord): boolean {
    const { link, host, detachedAtMs, isEnding, isThere } = session
    if (isEnding || !isThere || link.isEnding) return true
    // Another session of the client may have taken the place of this one.
    if (link.taken.has(session) && link.served !== session) return true
    // A client that never had it may have given its attempt up, or have been too slow with its hello.
    if (!link.taken.has(session) && link.isDisturbed) return true
    const { resumes, serverWindowMs, clientWindowMs } = this.#world.facts
    if (!resumes) return link.isDisturbed
    const { nowMs } = this.#world
    const isOver = detachedAtMs !== undefined && host.hasPassed(serverWindowMs, detachedAtMs, nowMs)
    const { lostAtMs, client } = link
    return isOver || (lostAtMs !== undefined && client.host.hasPassed(clientWindowMs, lostAtMs, nowMs))
  }

  /** The server may be told that a session is over. */
  sessionMayBeGone(session: ServedRecord): boolean {
    const { link, host, detachedAtMs, isEnding } = session
    if (isEnding || link.isEnding) return true
    const { resumes, serverWindowMs } = this.#world.facts
    // A client that never had it may have given its attempt up before it heard of it.
    if (!resumes || !link.taken.has(session)) return link.isDisturbed
    return detachedAtMs !== undefined && host.hasPassed(serverWindowMs, detachedAtMs, this.#world.nowMs)
  }

  /** An open call may fail with UNAVAILABLE: its session may be over, or was replaced since. */
  callMayFail(call: CallRecord): boolean {
    const { link, served, madeAtMs } = call
    if (served !== undefined) return this.sessionMayEnd(served)
    if (link.isEnding || this.linkMayEnd(link) || link.replacedAtMs >= madeAtMs) return true
    return link.served !== undefined && this.sessionMayEnd(link.served)
  }

  /** A handler may be told that its caller is gone. */
  runMayBeAborted(call: CallRecord, session: ServedRecord): boolean {
    return this.callMayFail(call) || this.sessionMayEnd(session)
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
    const session = served ?? link.served
    return link.replacedAtMs >= madeAtMs || session?.isThere !== true
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
