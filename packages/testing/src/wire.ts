/** Holds arrived data until its delivery: a queue of bytes, or one of frames. */
export interface ArrivalQueue {
  readonly byteLength: number
  push(segment: Uint8Array): void
  /** Empties the queue and returns the number of bytes that it held. */
  clear(): number
}

/** One direction between the sender's queue and the receiver: a window and a delay. */
export interface Wire<Arrived extends ArrivalQueue> {
  /** Data that has arrived and was not delivered yet. */
  readonly arrived: Arrived
  /** Bytes that left the sender and were not delivered. */
  readonly bytesOnWay: number
  /** The number of bytes that may be sent now. Below 0 while a segment longer than the window is in transit. */
  readonly roomBytes: number
  /** Sends a segment. `arrived` is called once its bytes, or some of them, can be delivered. */
  carry(segment: Uint8Array, arrived: () => void): void
  /** Runs `callback` when everything sent before has arrived. */
  later(callback: () => void): void
  /** The sender aborts: loses the bytes in transit, or some of them, and returns their number. */
  abandon(): number
  /** The receiver accepts no more: loses everything, in transit or arrived, and returns the number of bytes. */
  cut(): number
}
