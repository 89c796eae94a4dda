import type { Entry, EntryOf } from './trace.ts'
import { require } from './violation.ts'
import type { World } from './world.ts'

/** What libraries keep after faults have stopped, and at the end. */
export class RestRules {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  see(entry: Entry): void {
    switch (entry.what) {
      case 'restOf':
        require(this.#world.link(entry.link).isOpen, 'clients connect once faults have stopped', () =>
          String(this.#world.link(entry.link)))
        require(entry.here + entry.there === 0, 'what a call takes is given back', () =>
          `${entry.here} calls are open at the client and ${entry.there} at the server of ${this.#world.link(entry.link)}`)
        break
      case 'restOfServer':
        this.#server(entry)
        break
      case 'reported':
        require(false, 'a library has nothing to report', () => `${entry.host}: ${entry.text}`)
        break
      case 'left':
        require(entry.texts.length === 0, 'nothing is left at the end', () => entry.texts.join('; '))
        this.end()
        break
    }
  }

  /** Faults have stopped, and everything has had enough time. */
  rest(): void {
    const { nowMs, facts } = this.#world
    for (const { host, what, number } of this.#world.closings)
      require(false, 'everything settles once faults have stopped', () => `${what} ${number} on ${host.name}`)
    for (const link of this.#world.links.values()) {
      const { client, served, lostAtMs } = link
      const knows = !client.isDead && client.closedAtMs === undefined
      // Connections still end at their age, even without faults.
      if (knows && lostAtMs !== undefined && nowMs - lostAtMs < facts.clientMovesMs) continue
      const isThere = client.openedAtMs !== undefined && lostAtMs === undefined
      require(!knows || isThere, 'everything settles once faults have stopped', () =>
        `${link} still connects`)
      const there = link.sessions.filter((session) => session.isThere)
      const isSame = knows ? there.length === 1 && there[0] === served : there.length === 0
      require(isSame, 'both sides learn that a session is over', () =>
        `${link}: the client has ${knows ? served : 'none'}, its server ${there.length === 0 ? 'none' : there.join(', ')}`)
      for (const session of there)
        require(session.detachedAtMs === undefined, 'everything settles once faults have stopped', () =>
          `${session} waits for its client`)
    }
  }

  /** Everything is closed. */
  end(): void {
    for (const link of this.#world.links.values()) {
      const { client, sessions } = link
      require(client.isDead || client.closedAtMs !== undefined, 'everything closes at the end', () =>
        String(link))
      for (const session of sessions)
        require(!session.isThere, 'everything closes at the end', () => String(session))
    }
  }

  #server({ server, connections, detached, host }: EntryOf<'restOfServer'>): void {
    const open = [...this.#world.sessions.values()].filter(
      (session) => session.server === server && session.isThere,
    )
    require(detached === 0, 'a server counts its connections in and out', () =>
      `${host} counts ${detached} that wait for their clients`)
    require(connections === open.length, 'a server counts its connections in and out', () =>
      `${host} counts ${connections}, and has ${open.map(String).join(', ')}`)
  }
}
