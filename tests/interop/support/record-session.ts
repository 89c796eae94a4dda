import { connect, createServer as createListener, type Server as Listener, type Socket } from 'node:net'
import { createClient, safe } from '@frameport/client'
import { FrameDecoder } from '@frameport/framing'
import { type BackendName, realEnvironment } from '@frameport/iocp-core'
import { envelopeKinds } from '@frameport/protocol/envelope'
import { interop } from '../contract.ts'
import { portOf } from './backends.ts'
import { ourServer } from './our-server.ts'
import { hexOf } from './plain.ts'

/** The payloads of a session in hex, in order for each direction. */
export interface RecordedSession {
  readonly clientToServer: readonly string[]
  readonly serverToClient: readonly string[]
}

/** The same in every recording, and never so low that meaningless messages are sent after the handshake. */
const environment = { ...realEnvironment, random: () => 0.5 }

/** Records what our client and our server send each other over TCP: each procedure, an event, a cancel, and the end. */
export async function recordSession(backend: BackendName = 'net'): Promise<RecordedSession> {
  const completionPort = portOf(backend)
  const ours = ourServer(completionPort, { environment, limits: { pieceBytes: 1024 } })
  const listener = await ours.server.listen('tcp://127.0.0.1:0')
  const wire = await Wire.before(Number(new URL(listener.url).port))
  const client = createClient(interop, `tcp://127.0.0.1:${wire.port}`, {
    completionPort,
    environment,
    // The timing of acknowledgements would vary.
    resume: false,
    auth: { token: 't' },
    metadata: { node: 'a' },
    limits: { pieceBytes: 1024, streamWindowItems: 2 },
  })
  await client.$connection.opened()
  await client.echo({ text: 'Grüße' }, { deadlineMs: 60_000, metadata: { trace: '7' } })
  await safe(client.refuse())
  await client.invert(Uint8Array.from({ length: 2_500 }, (_, index) => index & 0xff))
  for await (const number of client.count({ to: 5 })) void number
  await client.join({ room: 'lobby' })
  await client.say({ room: 'lobby', text: 'said' })
  const controller = new AbortController()
  const cancelled = safe(client.wait({ signal: controller.signal }))
  await client.running()
  const answered = wire.failureFromServer()
  controller.abort()
  await cancelled
  // A close does not wait for a cancelled call, but the answer to the cancel must be in the recording.
  await answered
  await client.$close()
  await ours.server.close()
  await completionPort.close()
  return wire.close()
}

/** A proxy between a client and a server that passes on their bytes and records the payloads. */
class Wire {
  readonly #listener: Listener
  readonly #clientToServer: string[] = []
  readonly #serverToClient: string[] = []
  #failureCame: () => void = () => undefined

  private constructor(serverPort: number) {
    this.#listener = createListener({ allowHalfOpen: true }, (client) => {
      const server = connect({ host: '127.0.0.1', port: serverPort, allowHalfOpen: true })
      handOn(client, server, (payload) => void this.#clientToServer.push(hexOf(payload)))
      handOn(server, client, (payload) => {
        this.#serverToClient.push(hexOf(payload))
        if (payload[0] === envelopeKinds.failure) this.#failureCame()
      })
    })
  }

  static async before(serverPort: number): Promise<Wire> {
    const wire = new Wire(serverPort)
    await new Promise<void>((resolve) => wire.#listener.listen(0, '127.0.0.1', resolve))
    return wire
  }

  get port(): number {
    return (this.#listener.address() as { readonly port: number }).port
  }

  /** Settles when the server sends its next failure. */
  failureFromServer(): Promise<void> {
    return new Promise((resolve) => {
      this.#failureCame = resolve
    })
  }

  /** Settles after both connections have closed. */
  async close(): Promise<RecordedSession> {
    await new Promise((resolve) => this.#listener.close(resolve))
    return { clientToServer: this.#clientToServer, serverToClient: this.#serverToClient }
  }
}

function handOn(from: Socket, to: Socket, keep: (payload: Uint8Array) => void): void {
  const decoder = new FrameDecoder()
  from.on('data', (chunk) => decoder.push(chunk, keep))
  from.on('error', () => to.destroy())
  from.pipe(to)
}
