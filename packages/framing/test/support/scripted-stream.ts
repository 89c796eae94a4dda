import type { ByteStream, ByteStreamSink, SendVerdict } from '../../src/index.ts'
import { concat } from './bytes.ts'

/** The value that overwrites lent bytes after the call that lent them. */
const overwritten = 0xdb

/**
 * One end of a byte stream whose other end is the test. It delivers what the test says, keeps to the contract of
 * ByteStream (lent bytes are overwritten, nothing is delivered while it is paused or after close) and records the rest.
 */
export class ScriptedStream implements ByteStream {
  readonly sent: Uint8Array[] = []
  readonly log: string[] = []
  /** The result of `send`. */
  verdict: SendVerdict = 'sent'
  queuedBytes = 0
  paused = false
  #sink: ByteStreamSink | undefined
  #closed = false
  #held: (() => void)[] = []
  #drainWaiters: (() => void)[] = []

  get sentBytes(): Uint8Array {
    return concat(...this.sent)
  }

  start(sink: ByteStreamSink): void {
    if (this.#sink !== undefined) throw new Error('started twice')
    this.#sink = sink
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    if (this.#closed || this.verdict === 'closed') return 'closed'
    this.sent.push(bytes instanceof Uint8Array ? bytes.slice() : concat(...bytes))
    return this.verdict
  }

  drained(): Promise<void> {
    if (this.verdict !== 'full') return Promise.resolve()
    return new Promise((resolve) => this.#drainWaiters.push(resolve))
  }

  pause(): void {
    this.paused = true
    this.log.push('pause')
  }

  resume(): void {
    this.paused = false
    this.log.push('resume')
    while (!this.paused && this.#held.length > 0) this.#held.shift()?.()
  }

  end(): void {
    this.log.push('end')
  }

  abort(error?: Error): void {
    this.log.push('abort')
    void Promise.resolve().then(() => this.close(error))
  }

  /** The peer sends bytes. */
  deliver(bytes: Uint8Array): void {
    this.#whenReading(() => {
      const lent = bytes.slice()
      try {
        this.#sink?.data(lent)
      } finally {
        lent.fill(overwritten)
      }
    })
  }

  /** The peer ends its sending side. */
  peerEnd(): void {
    this.#whenReading(() => this.#sink?.end())
  }

  /** The send queue has drained. */
  drain(): void {
    this.verdict = 'sent'
    for (const resolve of this.#drainWaiters.splice(0)) resolve()
    this.#sink?.drain()
  }

  close(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.#held = []
    for (const resolve of this.#drainWaiters.splice(0)) resolve()
    if (error === undefined) this.#sink?.close()
    else this.#sink?.close(error)
  }

  #whenReading(event: () => void): void {
    if (this.#closed) return
    if (this.paused || this.#held.length > 0) this.#held.push(event)
    else event()
  }
}

/** Waits for all pending microtasks. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}
