import { Duplex } from 'node:stream'
import type { Connection } from '../contract/connection.ts'
import { IocpError } from '../iocp-error.ts'
import { type RunningTimer, startTimer } from '../platform/real-timers.ts'

type Done = (error?: Error | null) => void

/**
 * Returns a connection as a `stream.Duplex`, for APIs that take such a stream: `pipeline`, `tls.connect({ socket })`, a parser.
 *
 * It starts the connection, but receives only when the stream is read. Chunks are copies. Back-pressure works in both directions: a reader that
 * stops reading stops the peer, and a write completes when the connection is no longer `full`. `end()` ends only the sending side
 * (`allowHalfOpen`). `destroy()` aborts the connection, unless both sides have already ended in order.
 *
 * @example
 * ```ts
 * await pipeline(createReadStream('films.csv'), toDuplex(connection))
 * ```
 *
 * @throws IocpError `ALREADY_STARTED` if the connection was started before
 */
export function toDuplex(connection: Connection): Duplex {
  return new ConnectionDuplex(connection)
}

export class ConnectionDuplex extends Duplex {
  /**
   * How long a destroyed connection may still take to deliver what was written, in milliseconds. Until then it ends in order, and what arrives is
   * dropped: a reset would overtake what was written. 0: it is aborted at once.
   */
  lingerMs = 0
  #lingerTimer: RunningTimer | undefined
  readonly #connection: Connection
  /** The callback of the write that waits for room. */
  #writing: Done | undefined
  /** The callback of the destruction that waits until the connection is gone. */
  #destroying: (() => void) | undefined
  #isClosed = false
  #hasEnded = false
  #peerHasEnded = false

  /** @param autoDestroy as of `stream.Duplex`: it is destroyed when both sides have ended and all has been read */
  constructor(connection: Connection, autoDestroy = true) {
    super({ allowHalfOpen: true, autoDestroy })
    this.#connection = connection
    // Called before the start, so that nothing is read before the reader requests it.
    connection.pause()
    connection.start({
      data: (chunk) => this.#received(chunk),
      end: () => this.#peerEnded(),
      drain: () => this.#written(),
      close: (error) => this.#closed(error),
    })
  }

  override _read(): void {
    this.#connection.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#send(chunk, done)
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: Done): void {
    this.#hasEnded = true
    this.#connection.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#isClosed) {
      done(error)
      return
    }
    this.#destroying = () => done(error)
    // A connection that both sides have ended closes by itself when its queued bytes have left.
    if (error === null && this.#hasEnded && this.#peerHasEnded) return
    if (this.lingerMs === 0) this.#connection.abort(error ?? undefined)
    else this.#linger(error ?? undefined)
  }

  /** Aborts the connection now, even if both sides have ended and it waits for a peer that does not read. */
  abort(): void {
    this.destroy()
    if (!this.#isClosed) this.#connection.abort()
  }

  #linger(error: Error | undefined): void {
    this.#lingerTimer = startTimer(this.lingerMs, () => this.#connection.abort(error))
    this.#connection.end()
    this.#connection.resume()
  }

  #received(chunk: Uint8Array): void {
    if (this.#destroying !== undefined) return
    // The chunk is lent, and a reader may keep what it receives.
    if (!this.push(Buffer.from(chunk))) this.#connection.pause()
  }

  #peerEnded(): void {
    this.#peerHasEnded = true
    if (this.#destroying === undefined) this.push(null)
  }

  #send(parts: Uint8Array | readonly Uint8Array[], done: Done): void {
    const verdict = this.#connection.send(parts)
    if (verdict === 'closed')
      done(new IocpError('ABORTED', { detail: 'write to a connection that has ended' }))
    else if (verdict === 'full') this.#writing = done
    else done()
  }

  #written(error?: Error): void {
    const done = this.#writing
    this.#writing = undefined
    done?.(error)
  }

  #closed(error: Error | undefined): void {
    this.#isClosed = true
    this.#lingerTimer?.cancel()
    const destroyed = this.#destroying
    const isInOrder = error === undefined && this.#hasEnded && this.#peerHasEnded
    if (destroyed !== undefined) destroyed()
    // A stream that closed in order destroys itself when it has been read to its end. The user may have aborted the connection.
    else if (!isInOrder) this.destroy(error)
    this.#written(isInOrder ? undefined : (error ?? new IocpError('ABORTED', { detail: 'write' })))
  }
}
