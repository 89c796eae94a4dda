import type { SendVerdict } from '@frameport/framing'
import type { SlowPolicy } from '../../envelope/slow-policy.ts'

/**
 * What happened to an event that was emitted.
 *
 * - `waiting`: the session holds it, by reference, until the connection has room
 * - `leftOut`: there was no room for it; the peer gets a gap in its place
 * - any other: the verdict of the channel
 */
export type EmitVerdict = SendVerdict | 'waiting' | 'leftOut'

/**
 * An event that was encoded once for all of its subscribers. The values of which it was made may change afterwards.
 */
export interface EventEncoding {
  /** The name of the event: `chat@1/line`. */
  readonly event: string
  /** The topic as canonical JSON; empty for an event without topics. */
  readonly topic: string
  /** What happens to it at a subscriber that does not keep up. */
  readonly whenSlow: SlowPolicy
  /** The bytes of its envelope. */
  readonly payload: Uint8Array
  /** The bytes of its body alone, for the limit that peers announce. */
  readonly bodyBytes: number
  /** The bytes that it counts while it waits: its payload, and 256 for the objects that hold it. */
  readonly bytes: number
}

/** Counts the events that wait on all connections. An event counts once, however many connections wait for it. */
export interface EventLedger {
  /**
   * Called when an event begins to wait.
   *
   * @returns false, without counting, if there is no room for it
   */
  take(bytes: number): boolean
  /** Called when no connection waits for the event any more. */
  give(bytes: number): void
  /** Called when this many events were left out for one subscriber. */
  leftOut(events: number): void
  /** Called when a subscriber is disconnected because it does not keep up. */
  slow(): void
}
