import { attachFrames, type FrameChannel, FrameEncoder, FramingError } from '@frameport/framing'
import type { Connection } from '@frameport/iocp-core'

export interface EchoResult {
  readonly passed: number
  readonly failed: number
}

/**
 * One connection to an echo server. It counts the echoes: one that arrives in order and byte for byte has passed,
 * everything else has failed.
 */
export class EchoCheck {
  readonly #connection: Connection
  readonly #channel: FrameChannel
  readonly #encoder: FrameEncoder
  readonly #log: (line: string) => void
  readonly #outstanding: Uint8Array[] = []
  #waiting: { readonly atMost: number; resolve(): void; reject(error: Error): void } | undefined
  #broken: Error | undefined
  #passed = 0
  #failed = 0

  constructor(connection: Connection, frameBytesMax: number, log: (line: string) => void) {
    this.#connection = connection
    this.#log = log
    this.#encoder = new FrameEncoder({ frameBytesMax })
    this.#channel = attachFrames(connection, { frameBytesMax })
    this.#channel.start({
      frame: (payload) => this.#received(payload),
      end: () => this.#break(new Error('the server ended the connection')),
      close: (error) => this.#break(error ?? new Error('the server closed the connection')),
    })
  }

  get passed(): number {
    return this.#passed
  }

  get failed(): number {
    return this.#failed
  }

  /** The number of echoes that are still to come. */
  get outstanding(): number {
    return this.#outstanding.length
  }

  /** Sends a frame through the codec and expects its echo. */
  async send(payload: Uint8Array): Promise<void> {
    this.#outstanding.push(payload)
    await this.#settled(this.#channel.send(payload))
  }

  /** Expects the echo of `payload` and returns its frame, which the caller sends in any pieces. */
  frame(payload: Uint8Array): Uint8Array {
    this.#outstanding.push(payload)
    return new Uint8Array(Buffer.concat(this.#encoder.encode(payload)))
  }

  /** Sends bytes as they are. */
  async sendRaw(bytes: Uint8Array): Promise<void> {
    await this.#settled(this.#connection.send(bytes))
  }

  /** Settles when at most `atMost` echoes are still to come; rejects when the connection breaks before. */
  echoed(atMost = 0): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    if (this.#outstanding.length <= atMost) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#waiting = { atMost, resolve, reject }
    })
  }

  /** Counts missing echoes as failed, and closes. */
  finish(error?: Error): EchoResult {
    this.#broken ??= new Error('the check is over')
    if (error !== undefined) {
      this.#log(`error: ${error.message} (${this.#outstanding.length} echoes outstanding)`)
      this.#failed += Math.max(1, this.#outstanding.length)
    }
    if (error === undefined) this.#channel.end()
    else this.#channel.abort()
    return { passed: this.#passed, failed: this.#failed }
  }

  async #settled(verdict: ReturnType<FrameChannel['send']>): Promise<void> {
    if (verdict === 'closed') throw this.#broken ?? new Error('the connection is closed')
    if (verdict === 'full') await this.#channel.drained()
  }

  #received(payload: Uint8Array): void {
    const expected = this.#outstanding.shift()
    if (expected !== undefined && Buffer.compare(payload, expected) === 0) this.#passed += 1
    else {
      this.#failed += 1
      this.#log(`mismatch: got ${payload.length} bytes, expected ${expected?.length ?? 'nothing'}`)
    }
    const waiting = this.#waiting
    if (waiting === undefined || this.#outstanding.length > waiting.atMost) return
    this.#waiting = undefined
    waiting.resolve()
  }

  #break(error: Error): void {
    if (this.#broken !== undefined) return
    this.#broken = FramingError.is(error)
      ? new Error(`${error.code}: ${error.message}`, { cause: error })
      : error
    this.#waiting?.reject(this.#broken)
    this.#waiting = undefined
  }
}
