import type { Entry, EntryOf } from './trace.ts'
import { require } from './violation.ts'
import type { World } from './world.ts'

/** What libraries hold once faults have stopped, and at the end. */
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

  /** Faults have stopped, and everything had its time. */
  rest(): void {
    for (const { host, what, number } of this.#world.closings)
      require(false, 'everything settles once faults have stopped', () => `${what} ${number} on ${host.name}`)
    for (const link of this.#world.links.values()) {
      const { client, server } = link
      const knows = !client.isDead && client.closedAtMs === undefined
      require(!knows || client.openedAtMs !== undefined, 'everything settles once faults have stopped', () =>
        `${link} still connects`)
      const serverKnows = !server.isDead && server.openedAtMs !== undefined && server.closedAtMs === undefined
      require(knows === serverKnows, 'both sides learn that a connection is over', () =>
        `${link}: the client ${knows ? 'has it' : 'does not'}, its server ${serverKnows ? 'has it' : 'does not'}`)
    }
  }

  /** Everything is closed. */
  end(): void {
    for (const link of this.#world.links.values()) {
      const { client, server } = link
      require(client.isDead || client.closedAtMs !== undefined, 'everything closes at the end', () =>
        String(link))
      require(server.isDead ||
        server.openedAtMs === undefined ||
        server.closedAtMs !== undefined, 'everything closes at the end', () => `${link} at its server`)
    }
  }

  #server({ server, connections, host }: EntryOf<'restOfServer'>): void {
    const open = [...this.#world.links.values()].filter(
      (link) => link.acceptedBy === server && !link.server.isDead && link.server.closedAtMs === undefined,
    )
    require(connections === open.length, 'a server counts its connections in and out', () =>
      `${host} counts ${connections}, and has ${open.map(String).join(', ')}`)
  }
}
