import type { Socket } from 'node:net'
import { FrameDecoder, headerBytes } from '@frameport/framing'
import { decodeEnvelope, type Envelope, encodeEnvelope } from '@frameport/protocol/envelope'

/** A write waits for the socket beyond this: what node:net itself takes as full. */
const queuedBytesMax = 16 * 1024

/**
 * Envelopes over node:net as a careful user writes it, with the public codec of the wire: no handshake, no limits, no
 * deadlines, no heartbeats. What is sent in one turn leaves in one write of one buffer.
 */
export class RawConnection {
  readonly #socket: Socket
  #parts: Uint8Array[] = []
  #partBytes = 0
  #isFlushPlanned = false

  constructor(socket: Socket, onEnvelope: (envelope: Envelope) => void) {
    this.#socket = socket
    const decoder = new FrameDecoder()
    const take = (payload: Uint8Array) => {
      const envelope = decodeEnvelope(payload)
      if (envelope.kind !== 'ignorable') onEnvelope(envelope)
    }
    socket.setNoDelay(true)
    socket.on('data', (chunk) => decoder.push(chunk, take))
    socket.on('error', () => socket.destroy())
  }

  send(envelope: Envelope): void {
    const { header, body } = encodeEnvelope(envelope)
    this.#parts.push(header, body)
    this.#partBytes += headerBytes + header.length + body.length
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    process.nextTick(() => this.#flush())
  }

  /** Undefined while there is room. */
  whenRoom(): Promise<void> | undefined {
    if (this.#partBytes < queuedBytesMax && !this.#socket.writableNeedDrain) return undefined
    this.#flush()
    if (!this.#socket.writableNeedDrain) return undefined
    return new Promise((resolve) => this.#socket.once('drain', resolve))
  }

  #flush(): void {
    this.#isFlushPlanned = false
    if (this.#partBytes === 0) return
    const bytes = Buffer.allocUnsafe(this.#partBytes)
    let at = 0
    for (let part = 0; part < this.#parts.length; part += 2) {
      const header = this.#parts[part]!
      const body = this.#parts[part + 1]!
      at = bytes.writeUInt32BE(header.length + body.length, at)
      bytes.set(header, at)
      bytes.set(body, at + header.length)
      at += header.length + body.length
    }
    this.#parts = []
    this.#partBytes = 0
    this.#socket.write(bytes)
  }
}
