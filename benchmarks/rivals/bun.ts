import type { Envelope } from '@frameport/protocol/envelope'
import { type Contestant, host } from '../support/rival/contestant.ts'
import { EnvelopeClient, EnvelopeConnection, EnvelopeServer, type Wire } from './envelopes.ts'

/**
 * Our envelopes by hand over Bun's own TCP, server and client both under Bun: somebody who runs one on it can run both. Handlers
 * stand once for all sockets, a write takes what the kernel takes, and `drain` asks for the rest
 * (https://bun.com/docs/runtime/networking/tcp).
 */
interface BunSocket {
  data: BunWire
  write(bytes: Uint8Array): number
  setNoDelay(noDelay: boolean): boolean
  end(): void
}

interface SocketHandlers {
  open?(socket: BunSocket): void
  data(socket: BunSocket, chunk: Uint8Array): void
  drain(socket: BunSocket): void
  close(socket: BunSocket): void
  error(socket: BunSocket): void
}

interface TcpOptions {
  readonly hostname: string
  readonly port: number
  readonly socket: SocketHandlers
}

declare const Bun: {
  listen(options: TcpOptions): { readonly port: number }
  connect(options: TcpOptions): Promise<BunSocket>
}

class BunWire implements Wire {
  readonly connection: EnvelopeConnection
  readonly #socket: BunSocket
  #waiting: Uint8Array[] = []
  #drained: (() => void)[] = []

  constructor(socket: BunSocket, onEnvelope: (connection: EnvelopeConnection, envelope: Envelope) => void) {
    this.#socket = socket
    this.connection = new EnvelopeConnection(this, (envelope) => onEnvelope(this.connection, envelope))
    socket.setNoDelay(true)
  }

  get isFull(): boolean {
    return this.#waiting.length > 0
  }

  write(bytes: Uint8Array): void {
    if (this.isFull) this.#waiting.push(bytes)
    else {
      const taken = this.#socket.write(bytes)
      if (taken < bytes.length) this.#waiting.push(bytes.subarray(Math.max(0, taken)))
    }
  }

  whenDrained(): Promise<void> {
    return new Promise((resolve) => this.#drained.push(resolve))
  }

  drain(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const bytes of waiting) this.write(bytes)
    if (this.isFull) return
    const drained = this.#drained
    this.#drained = []
    for (const resolve of drained) resolve()
  }
}

const common = {
  data: (socket: BunSocket, chunk: Uint8Array) => socket.data.connection.push(chunk),
  drain: (socket: BunSocket) => socket.data.drain(),
  error: (socket: BunSocket) => socket.end(),
}

export const contestant: Contestant = {
  async serve() {
    const house = new EnvelopeServer()
    const { port } = Bun.listen({
      hostname: host,
      port: 0,
      socket: {
        ...common,
        open(socket) {
          socket.data = new BunWire(socket, (connection, envelope) => house.take(connection, envelope))
        },
        close: (socket) => house.forget(socket.data.connection),
      },
    })
    return { port }
  },

  async connect(port) {
    const socket = await Bun.connect({
      hostname: host,
      port,
      socket: { ...common, close() {} },
    })
    return new EnvelopeClient((onEnvelope) => {
      socket.data = new BunWire(socket, (_, envelope) => onEnvelope(envelope))
      return socket.data.connection
    })
  },
}
