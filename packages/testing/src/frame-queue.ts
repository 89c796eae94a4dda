/** A queue of frames, including empty frames. */
export class FrameQueue {
  readonly #frames: Uint8Array[] = []
  #byteLength = 0

  get byteLength(): number {
    return this.#byteLength
  }

  /** The next frame to leave. */
  get first(): Uint8Array | undefined {
    return this.#frames[0]
  }

  /** Takes over `frame`: the caller must not write to it afterwards. */
  push(frame: Uint8Array): void {
    this.#frames.push(frame)
    this.#byteLength += frame.byteLength
  }

  /** Only for a queue that is not empty. */
  shift(): Uint8Array {
    const frame = this.#frames.shift() as Uint8Array
    this.#byteLength -= frame.byteLength
    return frame
  }

  /** Empties the queue and returns the number of bytes that it held. */
  clear(): number {
    const dropped = this.#byteLength
    this.#frames.length = 0
    this.#byteLength = 0
    return dropped
  }
}
