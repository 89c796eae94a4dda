/** Where what has arrived waits for its delivery: a queue of bytes, or one of frames. */
export interface ArrivalQueue {
  readonly byteLength: number
  push(segment: Uint8Array): void
  /** Empties the queue and says how many bytes were in it. */
  clear(): number
}

/** One direction between the sender's queue and the receiver: a window, and a way that takes its time. */
export interface Wire<Arrived extends ArrivalQueue> {
  /** Arrived and not yet delivered. */
  readonly arrived: Arrived
  /** Bytes that left the sender and were not delivered. */
  readonly bytesOnWay: number
  /** What may be sent now. Below 0 when a segment that is longer than the window is under way. */
  readonly roomBytes: number
  /** `arrived` is called once the bytes, or some of them, can be delivered. */
  carry(segment: Uint8Array, arrived: () => void): void
  /** Runs `callback` when what was carried before has arrived. */
  later(callback: () => void): void
  /** The sender breaks off: loses what is on the way, or a part of it, and says how many bytes that were. */
  abandon(): number
  /** The receiver takes nothing any more: loses everything, on the way or arrived, and says how many bytes that were. */
  cut(): number
}
