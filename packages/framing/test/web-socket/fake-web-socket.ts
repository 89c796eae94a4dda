import type { CloseLike, MessageLike, WebSocketLike } from '../../src/web-socket.ts'

type Listener = (event: never) => void

/** A WebSocket like that of a browser. Its other end is the test. */
export class FakeWebSocket implements WebSocketLike {
  binaryType = 'blob'
  readyState = 1
  bufferedAmount = 0
  protocol = 'frameport.1'
  readonly sent: Uint8Array[] = []
  readonly closes: (number | undefined)[] = []
  readonly #listeners = new Map<string, Listener[]>()

  send(message: Uint8Array<ArrayBuffer>): void {
    this.sent.push(message)
    this.bufferedAmount += message.length
  }

  close(code?: number): void {
    this.closes.push(code)
    this.readyState = 2
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  /** The peer sends a message. */
  message(data: unknown): void {
    this.#emit('message', { data } satisfies MessageLike)
  }

  /** The WebSocket is closed. */
  closed(code: number, wasClean = code !== 1006, reason = ''): void {
    this.readyState = 3
    this.#emit('close', { code, reason, wasClean } satisfies CloseLike)
  }

  error(error?: Error): void {
    this.#emit('error', { error })
  }

  #emit(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never)
  }
}

/** A WebSocket like that of the package `ws`, which can stop reading and terminate. */
export class FakeNodeWebSocket extends FakeWebSocket {
  paused = false
  terminated = false
  readonly written: (() => void)[] = []

  override send(message: Uint8Array<ArrayBuffer>, written?: () => void): void {
    super.send(message)
    if (written !== undefined) this.written.push(written)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  terminate(): void {
    this.terminated = true
  }
}
