import type { MessagePort } from 'node:worker_threads'
import type { ErrorFacts } from '../carried-errors.ts'

/** A message about a connection between the worker that accepted it and the owner of its session. */
export type PortMessage =
  | { readonly kind: 'frames'; readonly frames: readonly Uint8Array[] }
  /** This many bytes of frames were taken. */
  | { readonly kind: 'taken'; readonly bytes: number }
  /** From the owner: whether it takes the connection. */
  | { readonly kind: 'accepted' | 'refused' }
  /** From the owner: the limits of its channel. */
  | { readonly kind: 'limits'; readonly receiveBytesMax: number; readonly sendBytesMax: number }
  /** To the owner: a part of a frame has arrived. */
  | { readonly kind: 'part'; readonly heldBytes: number }
  /** To the owner: invalid input has arrived. */
  | { readonly kind: 'invalid'; readonly error: ErrorFacts }
  /** The sender sends nothing more. */
  | { readonly kind: 'end' }
  /** From the owner: abort. To the owner: the connection is gone. */
  | { readonly kind: 'gone'; readonly error: ErrorFacts | undefined }

/** The bytes of frames that can be on their way without waiting for room. */
export const windowBytes = 65_536

export interface FramePortEvents {
  message(message: PortMessage): void
  /** The other side has taken frames. */
  taken(): void
  /** The other thread is gone, or has closed its side. */
  closed(): void
}

/** Sends frames over a MessagePort, and counts those that the other side has not taken. */
export class FramePort {
  readonly #port: MessagePort
  #frames: Uint8Array<ArrayBuffer>[] = []
  #takenBytes = 0
  #isClosed = false
  /** The bytes of sent frames that were not yet taken. */
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

  /** @param frame with memory of its own, which is transferred to the other thread */
  send(frame: Uint8Array<ArrayBuffer>): void {
    this.untakenBytes += frame.length
    if (this.#frames.push(frame) === 1) queueMicrotask(() => this.#flush())
  }

  post(message: PortMessage): void {
    this.#flush()
    if (!this.#isClosed) this.#port.postMessage(message)
  }

  /** Counts taken frames of the other side, and reports them in parts of its window. */
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
