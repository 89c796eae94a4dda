import type { MessagePort } from 'node:worker_threads'
import type { ErrorFacts } from '../carried-errors.ts'

/** What goes with the frames of a connection between the worker that accepted it and the owner of its session. */
export type PortMessage =
  | { readonly kind: 'frames'; readonly frames: readonly Uint8Array[] }
  /** So many bytes of frames were taken. */
  | { readonly kind: 'taken'; readonly bytes: number }
  /** From the owner: whether it takes the connection. */
  | { readonly kind: 'accepted' | 'refused' }
  /** From the owner: what its channel is set to. */
  | { readonly kind: 'limits'; readonly receiveBytesMax: number; readonly sendBytesMax: number }
  /** To the owner: a part of a frame came. */
  | { readonly kind: 'part'; readonly heldBytes: number }
  /** To the owner: what came is no frame. */
  | { readonly kind: 'invalid'; readonly error: ErrorFacts }
  /** The sender sends no more. */
  | { readonly kind: 'end' }
  /** From the owner: abort. To the owner: the connection is gone. */
  | { readonly kind: 'gone'; readonly error: ErrorFacts | undefined }

/** Frames on their way that the other side has room for without waiting. */
export const windowBytes = 65_536

export interface FramePortEvents {
  message(message: PortMessage): void
  /** Some of what was sent has been taken. */
  taken(): void
  /** The other thread is gone, or has closed its side. */
  closed(): void
}

/** Frames over a MessagePort, with a count of those that the other side has not taken. */
export class FramePort {
  readonly #port: MessagePort
  #frames: Uint8Array<ArrayBuffer>[] = []
  #takenBytes = 0
  #isClosed = false
  /** Bytes of frames that were sent and not taken. */
  untakenBytes = 0

  constructor(port: MessagePort, events: FramePortEvents) {
    this.#port = port
    port.on('message', (message: PortMessage) => {
      if (message.kind !== 'taken') return events.message(message)
      this.untakenBytes -= message.bytes
      events.taken()
    })
    port.on('close', () => {
      this.#isClosed = true
      events.closed()
    })
  }

  /** @param frame memory of its own, which goes to the other thread */
  send(frame: Uint8Array<ArrayBuffer>): void {
    this.untakenBytes += frame.length
    if (this.#frames.push(frame) === 1) queueMicrotask(() => this.#flush())
  }

  post(message: PortMessage): void {
    this.#flush()
    if (!this.#isClosed) this.#port.postMessage(message)
  }

  /** Frames of the other side have been taken. It is told in parts of its window. */
  take(bytes: number): void {
    this.#takenBytes += bytes
    if (this.#takenBytes < windowBytes / 4) return
    const taken = this.#takenBytes
    this.#takenBytes = 0
    this.post({ kind: 'taken', bytes: taken })
  }

  close(): void {
    this.#flush()
    this.#isClosed = true
    this.#port.close()
  }

  #flush(): void {
    if (this.#frames.length === 0) return
    const frames = this.#frames
    this.#frames = []
    if (this.#isClosed) return
    this.#port.postMessage(
      { kind: 'frames', frames } satisfies PortMessage,
      frames.map(({ buffer }) => buffer),
    )
  }
}
