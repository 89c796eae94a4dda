import type { HostRecord } from './records.ts'
import type { Entry } from './trace.ts'
import { require } from './violation.ts'
import type { World } from './world.ts'

const doneToHosts: ReadonlySet<string> = new Set([
  'start',
  'kill',
  'suspend',
  'resume',
  'cut',
  'hold',
  'release',
  'configure',
  'faultsStop',
  'quiet',
  'rest',
  'restOf',
  'restOfServer',
  'left',
])

const silent = 'a process that does not run says nothing'

/** What happens to hosts and the ways between them, and which processes may make entries. */
export class HostRules {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** @returns whether the entry is about hosts and ways */
  see(entry: Entry): boolean {
    if (!doneToHosts.has(entry.what)) {
      const { state } = this.#world.host(entry.host)
      require(state === 'running', silent, () => `${entry.what} on ${entry.host}, which is ${state}`)
      require(!this.#isOfKilled(entry), silent, () => `${entry.what} of a killed process of ${entry.host}`)
      return false
    }
    switch (entry.what) {
      case 'start':
      case 'resume': {
        const host = this.#world.host(entry.host)
        host.state = 'running'
        host.runningSinceMs = entry.atMs
        return true
      }
      case 'suspend':
        this.#world.host(entry.host).state = 'suspended'
        this.#disturb(entry.host)
        return true
      case 'kill':
        this.#kill(this.#world.host(entry.host))
        return true
      case 'cut':
        this.#disturb(entry.host, entry.other)
        return true
      case 'hold':
        this.#world.host(entry.host).heldWith.add(entry.other)
        this.#world.host(entry.other).heldWith.add(entry.host)
        this.#disturb(entry.host, entry.other)
        return true
      case 'release':
        this.#world.host(entry.host).heldWith.delete(entry.other)
        this.#world.host(entry.other).heldWith.delete(entry.host)
        return true
      default:
        return entry.what === 'configure' || entry.what === 'faultsStop'
    }
  }

  /** Whether an entry is about a link whose end on this host died with its process. */
  #isOfKilled(entry: Entry): boolean {
    if (entry.what === 'connect' || entry.what === 'accepted') return false
    if ('served' in entry && entry.served !== undefined) return this.#world.session(entry.served).isDead
    if ('link' in entry) return this.#world.link(entry.link).client.isDead
    if (!('call' in entry)) return false
    const { link, caller } = this.#world.call(entry.call)
    return caller.host.name === entry.host ? caller.isDead : link.client.isDead
  }

  /** Marks the connections of a host, or those between two hosts, as disturbed. */
  #disturb(name: string, other?: string): void {
    const hosts = [name, ...(other === undefined ? [] : [other])].map((each) => this.#world.host(each))
    for (const link of this.#world.linksOf(name, other)) {
      const servers = hosts.filter((host) => link.serverHosts.includes(host))
      // With two hosts, only the way to that server.
      for (const host of servers.length === 0 ? hosts : servers) link.disturb(host)
    }
  }

  /** Everything on this host is gone: it learns nothing, and no entry about it is expected. */
  #kill(host: HostRecord): void {
    host.state = 'stopped'
    host.server = undefined
    for (const link of this.#world.linksOf(host.name)) {
      link.disturb(host)
      // A connection that the process had not accepted may be made with the next process.
      for (const end of [link.client, ...link.sessions]) if (end.host === host) end.isDead = true
    }
    for (const closing of this.#world.closings)
      if (closing.host === host) this.#world.closings.delete(closing)
  }
}
