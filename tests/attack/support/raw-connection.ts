import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { FrameDecoder } from '@frameport/framing'
import { decodeEnvelope, type Envelope, encodeEnvelope } from '@frameport/protocol/envelope'
import { hello, noBody } from '../../support/envelopes.ts'

/** A call of the contract under attack. */
export function call(
  callId: number,
  procedure: string,
  more: Partial<Extract<Envelope, { kind: 'call' }>> = {},
): Envelope {
  return {
    kind: 'call',
    callId,
    procedure: `target@1/${procedure}`,
    upload: false,
    metadata: {},
    body: noBody,
    ...more,
  }
}

/** One frame: four bytes of length and the envelope. */
export function frame(envelope: Envelope): Buffer {
  const { header, body } = encodeEnvelope(envelope)
  return framed(Buffer.concat([header, body]))
}

export function framed(payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + payload.length)
  bytes.writeUInt32BE(payload.length)
  bytes.set(payload, 4)
  return bytes
}

/** A connection without a session, which counts what it sends and receives. */
export class RawConnection {
  readonly socket: Socket
  bytesSent = 0
  /** The number of received envelopes by kind, only while the connection listens. */
  readonly received = new Map<string, number>()
  goaway: Extract<Envelope, { kind: 'goaway' }> | undefined
  isClosed = false
  /** Settles when the connection has closed. */
  readonly closed: Promise<void>
  onEnvelope: (envelope: Envelope) => void = () => undefined
  /** Shared by all writers that wait for the kernel. */
  #drained: Promise<void> | undefined
  readonly #decoder = new FrameDecoder({ frameBytesMax: 2 ** 30 - 1 })

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true
        resolve()
      })
    })
  }

  /** @param address 127.0.0.x: the client address that the server sees */
  static async open(port: number, address = '127.0.0.1'): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: address, noDelay: true })
    const connection = new RawConnection(socket)
    await Promise.race([once(socket, 'connect'), connection.closed])
    return connection
  }

  /** An accepted connection. */
  static of(socket: Socket): RawConnection {
    return new RawConnection(socket)
  }

  /** A connection after its handshake, or refused. */
  static async greeted(
    port: number,
    address?: string,
    settings: Envelope & { kind: 'hello' } = hello,
  ): Promise<RawConnection> {
    const connection = await RawConnection.open(port, address)
    connection.listen()
    const answered = new Promise<void>((resolve) => {
      connection.onEnvelope = () => resolve()
    })
    await connection.write(frame(settings))
    await Promise.race([answered, connection.closed])
    connection.onEnvelope = () => undefined
    return connection
  }

  listen(): void {
    this.socket.on('data', (chunk: Buffer) => {
      try {
        this.#decoder.push(chunk, (payload) => this.#take(decodeEnvelope(payload)))
      } catch {
        this.socket.destroy()
      }
    })
  }

  /** Passes bytes to the kernel, and waits until it has accepted them. Does nothing if the connection is closed. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.isClosed || this.socket.destroyed) return
    this.bytesSent += bytes.length
    if (this.socket.write(bytes)) return
    this.#drained ??= once(this.socket, 'drain')
      .catch(() => undefined)
      .then(() => {
        this.#drained = undefined
      })
    await Promise.race([this.#drained, this.closed])
  }

  close(): void {
    this.socket.destroy()
  }

  #take(envelope: ReturnType<typeof decodeEnvelope>): void {
    if (envelope.kind === 'ignorable') return
    this.received.set(envelope.kind, (this.received.get(envelope.kind) ?? 0) + 1)
    if (envelope.kind === 'goaway') this.goaway = envelope
    this.onEnvelope(envelope)
  }
}

/** The n-th loopback address that needs no configuration: 127.0.0.2 and so on. */
export function addressOf(index: number): string {
  return `127.0.${Math.floor(index / 250)}.${2 + (index % 250)}`
}
