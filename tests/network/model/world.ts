import { AtACut } from './at-a-cut.ts'
import { CallRecord, type Closing, type HandlerRun, HostRecord, LinkRecord, ServedRecord } from './records.ts'
import type { EntryOf, Facts } from './trace.ts'
import { require } from './violation.ts'

/** The number of an event, and the server that sent it to its own subscribers. */
export interface PublishedEvent {
  readonly number: number
  readonly server: number
}

/** The state of a run. */
export class World {
  readonly facts: Facts
  /** The rules for what may happen at a cut. */
  readonly atACut: AtACut
  /** The time of the world, as of the last entry. */
  nowMs = 0
  readonly hosts: ReadonlyMap<string, HostRecord>
  readonly links = new Map<number, LinkRecord>()
  /** The sessions of these links at servers, also earlier ones. */
  readonly sessions = new Map<number, ServedRecord>()
  readonly calls = new Map<number, CallRecord>()
  /** Orderly closes that have not settled. */
  readonly closings = new Set<Closing>()
  /** Events in the order of publishing, by topic and by server, or by the log that keeps them. */
  readonly #published = new Map<string, PublishedEvent[]>()

  constructor(facts: Facts) {
    this.facts = facts
    this.atACut = new AtACut(this)
    this.hosts = new Map(
      Object.entries(facts.clockRates).map(([name, rate]) => [name, new HostRecord(name, rate)]),
    )
  }

  host(name: string): HostRecord {
    const host = this.hosts.get(name)
    require(host !== undefined, 'only what was made is spoken of', () => `the host ${name}`)
    return host
  }

  link(number: number): LinkRecord {
    const link = this.links.get(number)
    require(link !== undefined, 'only what was made is spoken of', () => `link ${number}`)
    return link
  }

  session(number: number): ServedRecord {
    const session = this.sessions.get(number)
    require(session !== undefined, 'only what was made is spoken of', () => `session ${number}`)
    return session
  }

  call(number: number): CallRecord {
    const call = this.calls.get(number)
    require(call !== undefined, 'only what was made is spoken of', () => `call ${number}`)
    return call
  }

  /** The handler of this call on this host, for this session of a server. */
  run(call: CallRecord, host: string, served: number | undefined): HandlerRun {
    const run = call.runs.findLast(
      ({ end, served: { number } }) => end.host.name === host && (served === undefined || served === number),
    )
    require(run !== undefined, 'only what was made is spoken of', () => `a handler of ${call} on ${host}`)
    return run
  }

  addLink(entry: EntryOf<'connect'>): LinkRecord {
    const [client, servers] = [this.host(entry.host), entry.to.map((name) => this.host(name))]
    const link = new LinkRecord(entry.link, entry.atMs, client, servers)
    for (const server of servers) {
      const isThere = server.state === 'running' && server.server !== undefined
      const letsIn = !this.facts.lettingNobodyIn.includes(server.name)
      if (!isThere || !letsIn || client.heldWith.has(server.name)) link.disturb(server)
    }
    this.links.set(entry.link, link)
    return link
  }

  addSession(entry: EntryOf<'accepted'>): ServedRecord {
    const link = this.link(entry.link)
    const session = new ServedRecord(entry, link, this.host(entry.host))
    this.sessions.set(entry.served, session)
    link.sessions.push(session)
    return session
  }

  addCall(entry: EntryOf<'call'>): CallRecord {
    const link = this.link(entry.link)
    const call = new CallRecord(
      entry,
      link,
      entry.served === undefined ? undefined : this.session(entry.served),
    )
    this.calls.set(entry.call, call)
    link.calls.push(call)
    return call
  }

  /** The links that begin or end at a host, or connect two hosts. */
  linksOf(host: string, other?: string): LinkRecord[] {
    return [...this.links.values()].filter(({ client, serverHosts }) => {
      const names = [client.host.name, ...serverHosts.map(({ name }) => name)]
      return names.includes(host) && (other === undefined || names.includes(other))
    })
  }

  published(by: number | string | undefined, topic: string): PublishedEvent[] {
    const key = `${by} ${topic}`
    const known = this.#published.get(key)
    if (known !== undefined) return known
    const fresh: PublishedEvent[] = []
    this.#published.set(key, fresh)
    return fresh
  }
}
