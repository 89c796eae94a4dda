import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { ConnectionSink } from '../../src/index.ts'

export interface RecorderHooks {
  readonly data?: (chunk: Uint8Array) => void
  readonly end?: () => void
  readonly drain?: () => void
  readonly close?: (error?: Error) => void
}

/**
 * A sink that remembers what it was told, and holds every connection to the rules of sinks: calls never
 * overlap, no empty chunk, no data after the end, one close, nothing after it.
 */
export class Recorder implements ConnectionSink {
  readonly #hooks: RecorderHooks
  readonly #waiters = new Set<() => void>()
  readonly #hash = createHash('sha256')
  readonly #chunks: Uint8Array[] = []
  readonly #keep: boolean
  #inCall = false
  bytes = 0
  dataCalls = 0
  ended = false
  drains = 0
  closed = false
  closeError: Error | undefined
  /** The first broken rule. Checked by {@link until} and by {@link content}. */
  broken: string | undefined

  /** @param keep remember the bytes; without it only their number and their digest. */
  constructor(hooks: RecorderHooks = {}, keep = true) {
    this.#hooks = hooks
    this.#keep = keep
  }

  data(chunk: Uint8Array): void {
    this.#called('data', () => {
      if (chunk.length === 0) this.#break('an empty chunk')
      if (this.ended) this.#break('data after end')
      this.bytes += chunk.length
      this.dataCalls++
      this.#hash.update(chunk)
      if (this.#keep) this.#chunks.push(chunk.slice())
      this.#hooks.data?.(chunk)
    })
  }

  end(): void {
    this.#called('end', () => {
      if (this.ended) this.#break('a second end')
      this.ended = true
      this.#hooks.end?.()
    })
  }

  drain(): void {
    this.#called('drain', () => {
      this.drains++
      this.#hooks.drain?.()
    })
  }

  close(error?: Error): void {
    this.#called('close', () => {
      this.closed = true
      this.closeError = error
      this.#hooks.close?.(error)
    })
  }

  /** All bytes so far. */
  content(): Buffer {
    this.#check()
    return Buffer.concat(this.#chunks)
  }

  text(): string {
    return this.content().toString('latin1')
  }

  digest(): string {
    this.#check()
    return this.#hash.copy().digest('hex')
  }

  /** Settles when `holds` does, looked at after every call of the sink. */
  until(signal: AbortSignal, what: string, holds: (recorder: this) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        this.#waiters.delete(look)
        signal.removeEventListener('abort', timeUp)
        settle()
      }
      const timeUp = () =>
        done(() =>
          reject(new Error(`still waiting for ${what}: ${this.summary()}`, { cause: signal.reason })),
        )
      const look = () => {
        if (this.broken !== undefined) done(() => reject(new Error(`broken rule: ${this.broken}`)))
        else if (holds(this)) done(resolve)
        else if (this.closed) done(() => reject(new Error(`closed before ${what}: ${this.summary()}`)))
      }
      this.#waiters.add(look)
      signal.addEventListener('abort', timeUp, { once: true })
      look()
    })
  }

  untilBytes(signal: AbortSignal, bytes: number): Promise<void> {
    return this.until(signal, `${bytes} bytes`, () => this.bytes >= bytes)
  }

  untilEnd(signal: AbortSignal): Promise<void> {
    return this.until(signal, 'the end', () => this.ended)
  }

  async untilClose(signal: AbortSignal): Promise<Error | undefined> {
    await this.until(signal, 'the close', () => this.closed)
    return this.closeError
  }

  summary(): string {
    return `${this.bytes} bytes, ended ${this.ended}, closed ${this.closed} ${this.closeError?.message ?? ''}`
  }

  #called(name: string, call: () => void): void {
    if (this.#inCall) this.#break(`${name} inside another call`)
    if (this.closed) this.#break(`${name} after close`)
    this.#inCall = true
    try {
      call()
    } finally {
      this.#inCall = false
      for (const look of [...this.#waiters]) look()
    }
  }

  #break(rule: string): void {
    this.broken ??= rule
  }

  #check(): void {
    assert.equal(this.broken, undefined)
  }
}
