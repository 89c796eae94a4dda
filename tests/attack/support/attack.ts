import type { Onslaught } from './on-client/evil-server.ts'
import type { VictimWork } from './on-client/victim.ts'
import type { Assault } from './on-server/assault.ts'

/** What an attack has done, so that an attack that did not run is not mistaken for a harmless one. */
export interface Counts {
  /** The number of bytes sent. */
  bytes: number
  /** The number of calls, pings or connections: the unit of the attack. */
  deeds: number
}

interface AttackBasics {
  readonly name: string
  /** A description of the attack. */
  readonly about: string
  readonly connections: number
  /** The minimum that it must have done per second. Otherwise the run is not valid. */
  readonly deedsPerSecondMin: number
}

/** Hostile clients against a server. */
export interface ServerAttack extends AttackBasics {
  readonly target: 'server'
  /**
   * The innocent load of the same size: continuous calls, almost no traffic, or long inputs, long results, uploads or
   * one-way calls, one after the other, if the attack uses those.
   */
  readonly innocent: 'busy' | 'idle' | 'long-inputs' | 'long-results' | 'uploads' | 'oneways'
  /** Runs one of its connections until `isOver`. It is called again if it returns earlier. */
  run(assault: Assault): Promise<void>
}

/** A hostile server against clients that connect to it, and connect again when they are disconnected. */
export interface ClientAttack extends AttackBasics {
  readonly target: 'client'
  /**
   * The load of an honest server, with as many deeds and bytes in total. For `uploads`, what it accepts from the
   * clients.
   */
  readonly innocent: 'items' | 'events' | 'answers' | 'uploads'
  /** What the clients do on each connection during the attack. */
  readonly work: VictimWork
  /**
   * Serves one connection of a client until the connection or the attack ends. The connection is closed when it
   * returns.
   */
  serve(onslaught: Onslaught): Promise<void>
}

export type Attack = ServerAttack | ClientAttack

/** Attacks on clients that are compared with the same innocent load. */
export function attacksOnClients(
  innocent: ClientAttack['innocent'],
  attacks: readonly Omit<ClientAttack, 'target' | 'innocent'>[],
): readonly ClientAttack[] {
  return attacks.map((attack) => ({ target: 'client', innocent, ...attack }))
}
