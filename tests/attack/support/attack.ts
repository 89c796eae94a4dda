import type { Onslaught } from './on-client/evil-server.ts'
import type { VictimWork } from './on-client/victim.ts'
import type { Assault } from './on-server/assault.ts'

/** What an attack has done, so that one which never ran is not taken for one that did no harm. */
export interface Counts {
  /** Bytes that were sent. */
  bytes: number
  /** Calls, pings, connections: what the attack counts in. */
  deeds: number
}

interface AttackBasics {
  readonly name: string
  /** What it does, for people. */
  readonly about: string
  readonly connections: number
  /** The least that it must have done in a second, or the run says nothing. */
  readonly deedsPerSecondMin: number
}

/** Hostile clients against a server. */
export interface ServerAttack extends AttackBasics {
  readonly target: 'server'
  /**
   * What an innocent load of the same size does: calls without a pause, hardly anything on each connection, or long inputs,
   * long results, uploads or calls without an answer, one after the other, where the attack is about those.
   */
  readonly innocent: 'busy' | 'idle' | 'long-inputs' | 'long-results' | 'uploads' | 'oneways'
  /** One of its connections, until `isOver`. Called again when it returns before. */
  run(assault: Assault): Promise<void>
}

/** A hostile server against clients that connect to it, and connect again when they were cut. */
export interface ClientAttack extends AttackBasics {
  readonly target: 'client'
  /**
   * What an honest server sends in its place, as many deeds, of as many bytes in all; or for `uploads` what it takes of the
   * clients.
   */
  readonly innocent: 'items' | 'events' | 'answers' | 'uploads'
  /** What the clients do on each connection meanwhile. */
  readonly work: VictimWork
  /** One connection of a client, until it or the attack is over. The connection is closed when it returns. */
  serve(onslaught: Onslaught): Promise<void>
}

export type Attack = ServerAttack | ClientAttack

/** Attacks on clients that are measured beside the same innocent. */
export function attacksOnClients(
  innocent: ClientAttack['innocent'],
  attacks: readonly Omit<ClientAttack, 'target' | 'innocent'>[],
): readonly ClientAttack[] {
  return attacks.map((attack) => ({ target: 'client', innocent, ...attack }))
}
