import type { SendVerdict } from '@frameport/framing'
import type { SlowPolicy } from '../../envelope/slow-policy.ts'

/**
 * What became of an event that was emitted.
 *
 * - `waiting`: the session holds it, by reference, until the connection has room
 * - `leftOut`: there was no room for it. The peer is told of a gap in its place
 * - any other: the verdict of the connection on it
 */
export type EmitVerdict = SendVerdict | 'waiting' | 'leftOut'

/** An event as it goes to every subscriber. What it was made of may change afterwards. */
export interface EventEncoding {
  readonly event: string
  readonly topic: string
  readonly whenSlow: SlowPolicy
  /** The bytes of its envelope. */
  readonly payload: Uint8Array
  /** Of its body alone: peers announce how much of it they take. */
  readonly bodyBytes: number
  /** What it counts while it waits: its payload, and 256 for the objects that hold it. */
  readonly bytes: number
}

/** Counts what waits on all connections together, each event once, however many connections wait for it. */
export interface EventLedger {
  /** An event begins to wait. @returns false, and counts nothing, when there is no room for it */
  take(bytes: number): boolean
  /** No connection waits for it any more. */
  give(bytes: number): void
  /** This many events were left out for one subscriber. */
  leftOut(events: number): void
  /** A subscriber is disconnected because it does not keep up. */
  slow(): void
}
