import type { Socket } from 'node:net'
import { type DriverConnection, type DriverEvents, sendRefused } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import type { SystemOperation } from '../errno-to-code.ts'
import { IocpError } from '../iocp-error.ts'
import { lengthOf } from '../memory/bytes.ts'
import { HalfBatch } from '../memory/half-batch.ts'
import { afterCallback } from '../platform/real-timers.ts'
import { destroyWithReset, type NetState } from './net-state.ts'
import { SendChunks } from './send-chunks.ts'

const nothing = new Uint8Array(0)

/** Used before the core has bound its object; a socket emits no events that early. */
const unbound: DriverEvents = {
  received() {},
  receivedEnd() {},
  sendProgress() {},
  closed() {},
}

/**
 * One connected socket of node:net. Sends of one turn are gathered in chunks and written in two halves; one write is
 * in flight at a time, and its chunks stay untouched until its callback or, when it failed, the socket's close.
 */
export class NetConnection implements DriverConnection {
  readonly localEndpoint: Endpoint
  readonly remoteEndpoint: Endpoint
  events: DriverEvents = unbound
  readonly #socket: Socket
  readonly #state: NetState
  readonly #queue: SendChunks
  readonly #half = new HalfBatch()
  #writing: readonly Buffer[] = []
  #writingBytes = 0
  #flushPlanned = false
  /** A callback that received bytes is running: its sends are written when it has returned. */
  #delivering = false
  #receiving = false
  #shutdownWanted = false
  #shutdownInFlight = false
  #destroyed = false
  #endTold = false
  /** Nobody requested the close: node closes a socket when both sides have ended. */
  #closedByItself = false
  #failure: Error | undefined

  /** `socket` is connected, paused, and counted as a handle of `state` already. */
  constructor(socket: Socket, state: NetState, localEndpoint: Endpoint, remoteEndpoint: Endpoint) {
    this.#socket = socket
    this.#state = state
    this.#queue = new SendChunks(state.chunks)
    this.localEndpoint = localEndpoint
    this.remoteEndpoint = remoteEndpoint
    state.connections++
    socket.on('data', (bytes: Buffer) => {
      // Not the Buffer itself: its `slice` does not copy, and code that copies lent bytes may rely on `slice` copying.
      this.#received(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length))
    })
    socket.on('end', () => this.#receivedEnd())
    socket.on('error', (error) => this.#failed(error))
    socket.on('close', () => this.#socketClosed())
  }

  /**
   * The entry for a socket that reads into a buffer of the driver (`onread`). Node begins to read one turn after a start,
   * even if a stop came in between; those bytes then wait in the stream. Returns false to stop reading.
   */
  receivedInto(bytes: Uint8Array): boolean {
    if (!this.#receiving && !this.#destroyed) {
      this.#socket.push(bytes.slice())
      return false
    }
    this.#received(bytes)
    return true
  }

  #received(bytes: Uint8Array): void {
    if (this.#destroyed) return
    this.#delivering = true
    try {
      this.events.received(bytes)
    } finally {
      this.#delivering = false
      // An answer does not need a turn of its own in the tick queue.
      if (!this.#flushPlanned) this.#endTurn()
    }
  }

  receiveStart(): void {
    if (this.#destroyed) return
    this.#setReceiving(true)
    this.#socket.resume()
  }

  receiveStop(): void {
    this.#setReceiving(false)
    this.#socket.pause()
  }

  send(parts: readonly Uint8Array[], bytes: number): number {
    // node:net reports an error first and the close later.
    if (this.#failure !== undefined || this.#destroyed) return sendRefused
    let left = bytes
    for (const part of parts) {
      const length = Math.min(lengthOf(part), left)
      this.#queue.append(part, length)
      left -= length
    }
    if (this.#half.add()) this.#write()
    if (!this.#flushPlanned && !this.#delivering && this.#writingBytes === 0) {
      this.#flushPlanned = true
      // After the callback that is running now, so that all its sends are one write.
      afterCallback(() => {
        this.#flushPlanned = false
        this.#endTurn()
      })
    }
    return this.#writingBytes + this.#queue.bytes
  }

  /** node:net reports a write only when all of it is done: partial progress is unknown. */
  offer(): number {
    return this.#writingBytes + this.#queue.bytes
  }

  shutdown(): void {
    this.#shutdownWanted = true
    this.#shutdownWhenWritten()
  }

  close(reset: boolean): void {
    if (this.#closedByItself) {
      this.#closedByItself = false
      process.nextTick(() => this.#tellClosed())
    }
    if (this.#destroyed) return
    this.#destroyed = true
    this.#setReceiving(false)
    const isTcp = this.localEndpoint.kind === 'tcp'
    if (reset) destroyWithReset(this.#socket, isTcp && !this.#socket.writableEnded)
    else this.#socket.destroy()
  }

  ref(): void {
    this.#state.referenceOne(this.#socket, true)
  }

  unref(): void {
    this.#state.referenceOne(this.#socket, false)
  }

  #endTurn(): void {
    this.#write()
    this.#half.turnOver()
  }

  #write(): void {
    if (this.#destroyed || this.#writingBytes > 0 || this.#queue.bytes === 0) return
    const { chunks, bytes } = this.#queue.takeFirst()
    this.#half.left()
    this.#writing = chunks
    this.#writingBytes = bytes
    this.#state.operationsInFlight++
    const last = chunks.length - 1
    if (last > 0) this.#socket.cork()
    let left = bytes
    for (let index = 0; index < last; index++) {
      const chunk = chunks[index]!
      this.#socket.write(chunk)
      left -= chunk.length
    }
    this.#socket.write(chunks[last]!.subarray(0, left), this.#written)
    if (last > 0) this.#socket.uncork()
  }

  readonly #written = (error?: Error | null): void => {
    if (error || this.#destroyed) return
    this.#releaseWrite()
    this.#endTurn()
    this.#shutdownWhenWritten()
    this.events.sendProgress(this.#writingBytes + this.#queue.bytes)
  }

  #releaseWrite(): void {
    if (this.#writingBytes === 0) return
    this.#state.operationsInFlight--
    this.#state.chunks.give(this.#writing)
    this.#writing = []
    this.#writingBytes = 0
  }

  #shutdownWhenWritten(): void {
    const unwritten = this.#writingBytes + this.#queue.bytes
    if (!this.#shutdownWanted || unwritten > 0 || this.#destroyed || this.#socket.writableEnded) return
    this.#setShutdownInFlight(true)
    this.#socket.end(() => this.#setShutdownInFlight(false))
  }

  /**
   * libuv on unix reports a reset behind unread bytes as an end (it takes POLLHUP after a short read for one). An empty
   * write makes the kernel tell them apart: EPIPE if the end came and then a reset (Linux, net/ipv4/tcp_input.c,
   * tcp_reset), another error if there was no end. If a write is in flight, that write reports it.
   */
  #receivedEnd(): void {
    this.#setReceiving(false)
    if (this.#destroyed) return
    if (this.#socket.writableEnded || this.#writingBytes > 0) {
      this.#tellEnd()
      return
    }
    this.#socket.write(nothing, (error) => {
      const ended = !error || (error as { code?: string }).code === 'EPIPE'
      if (ended && !this.#destroyed) this.#tellEnd()
    })
  }

  #tellEnd(): void {
    this.#endTold = true
    this.events.receivedEnd()
  }

  #failed(error: Error): void {
    const operation = ((error as { syscall?: string }).syscall ?? '') === 'read' ? 'receive' : 'send'
    this.#failure ??= IocpError.from(error, operation satisfies SystemOperation)
  }

  #socketClosed(): void {
    const wanted = this.#destroyed
    this.#destroyed = true
    this.#setReceiving(false)
    this.#setShutdownInFlight(false)
    this.#releaseWrite()
    this.#queue.release()
    this.#state.removed(this.#socket)
    // The core may hold back the peer's end while the reader is paused; it closes when the reader has received it.
    if (!wanted && this.#endTold && this.#failure === undefined) this.#closedByItself = true
    else this.#tellClosed()
  }

  #tellClosed(): void {
    this.#state.connections--
    this.events.closed(this.#failure)
  }

  #setReceiving(receiving: boolean): void {
    if (receiving === this.#receiving) return
    this.#receiving = receiving
    this.#state.operationsInFlight += receiving ? 1 : -1
  }

  #setShutdownInFlight(inFlight: boolean): void {
    if (inFlight === this.#shutdownInFlight) return
    this.#shutdownInFlight = inFlight
    this.#state.operationsInFlight += inFlight ? 1 : -1
  }
}
