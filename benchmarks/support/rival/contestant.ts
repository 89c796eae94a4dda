import type { Reading } from '../message.ts'
import type { Served } from '../work.ts'

/**
 * What takes part in the comparison, set up as its documentation says: a file of `rivals/`. Messages are the four fields
 * of a Reading. A schema checks what arrives, on the server and on the client.
 */
export interface Contestant {
  /** Listens on a free port of 127.0.0.1, for every kind of call that its connections have. */
  serve(): Promise<Served>
  /** Settles when calls can be made. */
  connect(port: number): Promise<Connection>
}

/** A kind of call that a contestant does not have is missing, and with it its figure in the rows of that kind. */
export interface Connection {
  /** Gives back what it is given. */
  call(message: Reading): Promise<Reading>
  /** The server makes as many items, which are handed over in their order. */
  stream?(items: number, onItem: (item: Reading) => void): Promise<void>
  /** Gives the number of bytes that the server has read. */
  upload?(chunks: Iterable<Uint8Array>): Promise<number>
  /** Settles when every message that is announced from then on will come. */
  subscribe?(onEvent: (event: Reading) => void): Promise<void>
  /** Has the server send the message to every subscriber. */
  announce?(message: Reading): Promise<void>
}

export const kindsOfCall = ['call', 'stream', 'upload', 'subscribe'] as const
export type KindOfCall = (typeof kindsOfCall)[number]

export const host = '127.0.0.1'
