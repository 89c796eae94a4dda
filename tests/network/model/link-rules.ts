import { atACut } from './at-a-cut.ts'
import type { LinkRecord } from './records.ts'
import type { Entry, EntryOf } from './trace.ts'
import { require } from './violation.ts'
import type { World } from './world.ts'

/** Codes of ends that a fault of the network, or of a process, can cause. */
const broken: ReadonlySet<string> = new Set([
  'CONNECTION_LOST',
  'HEARTBEAT_TIMEOUT',
  'HELLO_TIMEOUT',
  'FRAME_TIMEOUT',
  'TRUNCATED',
])

/** Codes of ends that somebody asked for. */
const inOrder: ReadonlySet<string> = new Set(['CLOSED', 'ABORTED', 'HELLO_REFUSED'])

/** What an application is told of its connections. */
export class LinkRules {
  readonly #world: World
  /** Servers whose end was asked for. */
  readonly #closed = new Set<number>()

  constructor(world: World) {
    this.#world = world
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
      case 'accepted':
        this.#accepted(entry)
        return true
      case 'gone':
        this.#gone(entry)
        return true
      case 'listen':
        // It may have been closed before it said that it listens.
        if (!this.#closed.has(entry.server)) this.#world.host(entry.host).server = entry.server
        return true
      case 'close':
      case 'dismiss':
        this.#world.link(entry.link).isEnding = true
        this.#closing(entry, entry.link)
        return true
      case 'closeServer':
        this.#closeServer(entry)
        return true
      case 'closeSettled':
      case 'dismissSettled':
        this.#settled(entry.what, entry.link)
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
    for (const { host, dueMs, what, number } of this.#world.closings)
      require(!host.isOverdue(
        dueMs,
        nowMs,
        closeExtraMs / host.clockRate,
      ), 'a close takes no longer than its grace', () => `${what} ${number} on ${host.name}`)
    for (const link of this.#world.links.values()) {
      const { client, madeAtMs } = link
      if (client.openedAtMs !== undefined || client.closedAtMs !== undefined || client.isDead) continue
      const dueMs = madeAtMs + this.#world.facts.connectTimeoutMs / client.host.clockRate
      const stepsMs = closeExtraMs / client.host.clockRate
      require(!client.host.isOverdue(dueMs, nowMs, stepsMs), 'a connection is made or given up in time', () =>
        String(link))
    }
  }

  #opened({ link: number, host, atMs }: EntryOf<'opened'>): void {
    const link = this.#world.link(number)
    const { client } = link
    require(client.host.name === host, 'a connection is told to its side', () => String(link))
    require(client.openedAtMs === undefined &&
      client.closedAtMs === undefined, 'a connection opens once', () => String(link))
    require(link.acceptedBy !== undefined, 'a connection opens when its server has let it in', () =>
      String(link))
    client.openedAtMs = atMs
  }

  #linkClosed({ link: number, code, atMs }: EntryOf<'closed'>): void {
    const link = this.#world.link(number)
    require(link.client.closedAtMs === undefined, 'a connection closes once', () => String(link))
    link.client.closedAtMs = atMs
    this.#checkCode(link, code)
  }

  #accepted({ link: number, server, host, atMs }: EntryOf<'accepted'>): void {
    const link = this.#world.link(number)
    require(link.server.host.name === host, 'a connection is told to its side', () => String(link))
    require(link.server.openedAtMs === undefined, 'a connection opens once', () => `${link} at its server`)
    link.server.openedAtMs = atMs
    link.acceptedBy = server
  }

  #gone({ link: number, code, atMs }: EntryOf<'gone'>): void {
    const link = this.#world.link(number)
    require(link.server.closedAtMs === undefined, 'a connection closes once', () => `${link} at its server`)
    link.server.closedAtMs = atMs
    this.#checkCode(link, code)
  }

  #checkCode(link: LinkRecord, code: string): void {
    const detail = () => `${link} closed with ${code}`
    require(broken.has(code) || inOrder.has(code), 'no side breaks the protocol', detail)
    const mayEnd = link.isEnding || (broken.has(code) && atACut.linkMayEnd(link))
    // A server that closes refuses hellos, and one that is cut may have begun to close.
    require(mayEnd || link.isDisturbed, 'a connection ends for a reason that there is', detail)
  }

  #closeServer(entry: EntryOf<'closeServer'>): void {
    const host = this.#world.host(entry.host)
    this.#closed.add(entry.server)
    if (host.server === entry.server) host.server = undefined
    for (const link of this.#world.linksOf(entry.host)) if (link.server.host === host) link.isEnding = true
    this.#closing(entry, entry.server)
  }

  #closing(entry: EntryOf<'close' | 'dismiss' | 'closeServer'>, number: number): void {
    const host = this.#world.host(entry.host)
    const allMs = entry.graceMs + this.#world.facts.closeExtraMs
    const dueMs = entry.atMs + allMs / host.clockRate
    this.#world.closings.add({ host, dueMs, what: entry.what, number })
  }

  #settled(what: 'closeSettled' | 'dismissSettled' | 'closeServerSettled', number: number): void {
    const closing = [...this.#world.closings].find(
      (each) => `${each.what}Settled` === what && each.number === number,
    )
    require(closing !== undefined, 'a close settles once', () => `${what} ${number}`)
    this.#world.closings.delete(closing)
  }
}
