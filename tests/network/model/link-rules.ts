import type { EventRules } from './event-rules.ts'
import type { Closing, LinkRecord, ServedRecord } from './records.ts'
import type { Entry, EntryOf } from './trace.ts'
import { require } from './violation.ts'
import type { World } from './world.ts'

/** Codes for ends that a fault of the network or of a process can cause. */
const broken: ReadonlySet<string> = new Set([
  'CONNECTION_LOST',
  'HEARTBEAT_TIMEOUT',
  'HELLO_TIMEOUT',
  'FRAME_TIMEOUT',
  'TRUNCATED',
])

/** Codes for ends that an application asked for. */
const inOrder: ReadonlySet<string> = new Set(['CLOSED', 'ABORTED', 'HELLO_REFUSED'])

/** What an application learns about its connections and their sessions. */
export class LinkRules {
  readonly #world: World
  readonly #events: EventRules
  /** Servers that were asked to close. */
  readonly #closed = new Set<number>()

  constructor(world: World, events: EventRules) {
    this.#world = world
    this.#events = events
  }

  /** @returns whether the entry is about links */
  see(entry: Entry): boolean {
    switch (entry.what) {
      case 'connect':
        this.#world.addLink(entry)
        return true
      case 'opened':
        this.#opened(entry)
        return true
      case 'closed':
        this.#linkClosed(entry)
        return true
      case 'session':
        this.#session(entry)
        return true
      case 'lost':
        this.#lost(entry)
        return true
      case 'accepted':
        this.#accepted(entry)
        return true
      case 'detached':
        this.#detached(entry)
        return true
      case 'attached':
        this.#attached(entry)
        return true
      case 'gone':
        this.#gone(entry)
        return true
      case 'listen':
        // The server may have been closed before it reported that it listens.
        if (!this.#closed.has(entry.server)) this.#world.host(entry.host).server = entry.server
        return true
      case 'close':
        this.#world.link(entry.link).isEnding = true
        this.#closing(entry, entry.link)
        return true
      case 'dismiss':
        this.#world.session(entry.served).isEnding = true
        this.#closing(entry, entry.served)
        return true
      case 'closeServer':
        this.#closeServer(entry)
        return true
      case 'closeSettled':
        this.#settled(entry.what, entry.link)
        return true
      case 'dismissSettled':
        this.#settled(entry.what, entry.served)
        return true
      case 'closeServerSettled':
        this.#settled(entry.what, entry.server)
        return true
      default:
        return false
    }
  }

  pass(nowMs: number): void {
    const { closeExtraMs } = this.#world.facts
    for (const closing of this.#world.closings) this.#passClosing(closing, nowMs)
    for (const session of this.#world.sessions.values()) this.#passAge(session, nowMs)
    for (const link of this.#world.links.values()) {
      const { client, madeAtMs } = link
      if (client.openedAtMs !== undefined || client.closedAtMs !== undefined || client.isDead) continue
      const dueMs = madeAtMs + this.#world.facts.connectTimeoutMs / client.host.clockRate
      const stepsMs = closeExtraMs / client.host.clockRate
      require(!client.host.isOverdue(dueMs, nowMs, stepsMs), 'a connection is made or given up in time', () =>
        String(link))
    }
  }

  /** The promise of `opened`, which settles once, a little later than the report of the session. */
  #opened({ link: number, host }: EntryOf<'opened'>): void {
    const link = this.#world.link(number)
    const { client } = link
    require(client.host.name === host, 'a connection is told to its side', () => String(link))
    require(!link.wasToldOpen && client.closedAtMs === undefined, 'a connection opens once', () =>
      String(link))
    require(client.openedAtMs !== undefined, 'a connection opens when its server has let it in', () =>
      String(link))
    link.wasToldOpen = true
  }

  #session({ link: number, host, to, attempt, isResumed, isFirst, atMs }: EntryOf<'session'>): void {
    const link = this.#world.link(number)
    const { client, served } = link
    require(client.host.name === host, 'a connection is told to its side', () => String(link))
    require(client.closedAtMs === undefined, 'closed is last: no session begins', () => String(link))
    require(isFirst === (client.openedAtMs === undefined), 'a connection opens once', () => String(link))
    if (isResumed) this.#resumed(link)
    else {
      const next = link.sessions.find((session) => session.attempt === attempt && session.host.name === to)
      require(next !== undefined, 'a connection opens when its server has let it in', () =>
        `attempt ${attempt} of ${link} at ${to}`)
      if (served !== undefined) {
        const { atACut } = this.#world
        require(atACut.sessionMayEnd(served), 'a session is replaced for a reason that there is', () =>
          String(served))
        if (atACut.sessionMayLoseCalls(served)) link.replacedAtMs = atMs
        link.left.push({ session: served, atMs })
      }
      link.served = next
      link.taken.add(next)
      link.resumed = next.resumed
      if (served !== undefined) this.#events.replaced(link, served)
    }
    client.openedAtMs ??= atMs
    link.connectedAtMs = atMs
    link.lostAtMs = undefined
  }

  #resumed(link: LinkRecord): void {
    const { served, lostAtMs } = link
    require(this.#world.facts.resumes, 'a session goes on where both sides want it', () => String(link))
    require(served !== undefined && lostAtMs !== undefined, 'a session goes on after it was lost', () =>
      String(link))
    link.resumed += 1
    // The server may have resumed the session more often, with welcomes that were lost.
    require(link.resumed <= served.resumed, 'a session goes on when its server says so', () => String(served))
    link.resumed = served.resumed
  }

  #lost({ link: number, atMs }: EntryOf<'lost'>): void {
    const link = this.#world.link(number)
    const { client, lostAtMs, served } = link
    require(this.#world.facts.reconnects &&
      client.closedAtMs === undefined, 'a connection is lost by a client that connects again', () =>
      String(link))
    require(served !== undefined && lostAtMs === undefined, 'a connection is lost once', () => String(link))
    const mayBeLost = link.isDisturbedAt(served.host) || served.isEnding || served.agedAtMs !== undefined
    require(mayBeLost, 'a connection ends for a reason that there is', () => `${link} was lost`)
    this.#world.atACut.lost(link, atMs)
  }

  #linkClosed({ link: number, code, atMs }: EntryOf<'closed'>): void {
    const link = this.#world.link(number)
    require(link.client.closedAtMs === undefined, 'a connection closes once', () => String(link))
    link.client.closedAtMs = atMs
    const mayEnd = link.isEnding || this.#world.atACut.linkMayEnd(link)
    checkCode(code, mayEnd, () => `${link} closed with ${code}`)
  }

  #accepted(entry: EntryOf<'accepted'>): void {
    const { link: number, host, attempt, server } = entry
    const link = this.#world.link(number)
    const isAddress = link.serverHosts.some(({ name }) => name === host)
    require(isAddress, 'a connection is told to its side', () => `${link} at ${host}`)
    const isOther = link.sessions.every(
      (session) => session.attempt !== attempt || session.host.name !== host,
    )
    require(isOther, 'a connection opens once', () => `${link} at ${host}`)
    const session = this.#world.addSession(entry)
    // A closing server may accept clients until it refuses them.
    session.isEnding = this.#closed.has(server)
  }

  #detached({ served, host, atMs }: EntryOf<'detached'>): void {
    const session = this.#world.session(served)
    require(session.host.name === host, 'a connection is told to its side', () => String(session))
    require(this.#world.facts.resumes, 'a session goes on where both sides want it', () => String(session))
    require(session.isThere &&
      session.detachedAtMs === undefined, 'a session is lost and goes on in turns', () => String(session))
    require(session.link.isDisturbedAt(session.host) ||
      this.#world.atACut.attemptMayBeGivenUp(session) ||
      session.link.isEnding ||
      session.isEnding ||
      session.agedAtMs !== undefined, 'a connection ends for a reason that there is', () =>
      `${session} was lost`)
    session.detachedAtMs = atMs
  }

  #attached({ served, host, atMs }: EntryOf<'attached'>): void {
    const session = this.#world.session(served)
    require(session.host.name === host, 'a connection is told to its side', () => String(session))
    require(session.isThere &&
      session.detachedAtMs !== undefined, 'a session is lost and goes on in turns', () => String(session))
    session.lostBeforeAtMs = session.detachedAtMs
    session.detachedAtMs = undefined
    session.attachedAtMs = atMs
    session.resumed += 1
  }

  #gone({ served, code, atMs }: EntryOf<'gone'>): void {
    const session = this.#world.session(served)
    require(session.closedAtMs === undefined, 'a connection closes once', () => String(session))
    const mayEnd = this.#world.atACut.sessionMayBeGone(session)
    session.closedAtMs = atMs
    checkCode(code, mayEnd, () => `${session} closed with ${code}`)
  }

  #closeServer(entry: EntryOf<'closeServer'>): void {
    const host = this.#world.host(entry.host)
    this.#closed.add(entry.server)
    if (host.server === entry.server) host.server = undefined
    for (const session of this.#world.sessions.values())
      if (session.server === entry.server) session.isEnding = true
    // A closing server refuses clients that are about to connect.
    for (const link of this.#world.linksOf(entry.host)) if (link.client.host !== host) link.disturb(host)
    this.#closing(entry, entry.server)
  }

  #closing(entry: EntryOf<'close' | 'dismiss' | 'closeServer'>, number: number): void {
    const host = this.#world.host(entry.host)
    const { what, atMs } = entry
    const graceMs = entry.graceMs + this.#world.facts.closeExtraMs
    const announceMs = entry.what === 'closeServer' ? entry.announceMs : 0
    const isAnnounced = announceMs > 0
    const dueMs = atMs + (isAnnounced ? announceMs : graceMs) / host.clockRate
    this.#world.closings.add({ host, dueMs, lastStepMs: isAnnounced ? graceMs : undefined, what, number })
  }

  /**
   * From a certain age on, the server asks the client of a connection to go elsewhere, and ends the connection after a
   * grace period.
   */
  #passAge(session: ServedRecord, nowMs: number): void {
    const { host, attachedAtMs, detachedAtMs, isThere, isEnding } = session
    const { connectionAgeMinMs, connectionAgeMaxMs, connectionLeavesMs } = this.#world.facts
    if (!isThere || detachedAtMs !== undefined) return
    if (!host.hasPassed(connectionAgeMinMs, attachedAtMs, nowMs)) return
    // The request to leave survives a cut.
    session.agedAtMs ??= attachedAtMs + connectionAgeMinMs / host.clockRate
    const dueMs = attachedAtMs + (connectionAgeMaxMs + connectionLeavesMs) / host.clockRate
    const stepsMs = connectionLeavesMs / host.clockRate
    const isOverdue = !isEnding && host.isOverdue(dueMs, nowMs, stepsMs)
    require(!isOverdue, 'a connection ends at its age', () => `${session} at ${nowMs} ms`)
  }

  /**
   * A process that was suspended while its clients were asked to leave gives its calls the full grace period after
   * that.
   */
  #passClosing(closing: Closing, nowMs: number): void {
    const { host, what, number, lastStepMs } = closing
    if (lastStepMs !== undefined) {
      if (host.state !== 'running' || nowMs <= closing.dueMs) return
      closing.dueMs = Math.max(closing.dueMs, host.runningSinceMs) + lastStepMs / host.clockRate
      closing.lastStepMs = undefined
    }
    const lingerMs = this.#world.facts.closeExtraMs / host.clockRate
    require(!host.isOverdue(closing.dueMs, nowMs, lingerMs), 'a close takes no longer than its grace', () =>
      `${what} ${number} on ${host.name}`)
  }

  #settled(what: 'closeSettled' | 'dismissSettled' | 'closeServerSettled', number: number): void {
    const closing = [...this.#world.closings].find(
      (each) => `${each.what}Settled` === what && each.number === number,
    )
    require(closing !== undefined, 'a close settles once', () => `${what} ${number}`)
    this.#world.closings.delete(closing)
  }
}

function checkCode(code: string, mayEnd: boolean, detail: () => string): void {
  require(broken.has(code) || inOrder.has(code), 'no side breaks the protocol', detail)
  require(mayEnd, 'a connection ends for a reason that there is', detail)
}
