import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { FrameDecoder } from '@frameport/framing'
import { decodeEnvelope, type Envelope, encodeEnvelope } from '@frameport/protocol/envelope'
import { hello } from '../support/envelopes.ts'

const MiB = 1024 * 1024

/** One frame: its length in four bytes, and the envelope. */
export function frameOf(envelope: Envelope): Buffer {
  const { header, body } = encodeEnvelope(envelope)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(header.length + body.length)
  return Buffer.concat([length, header, body])
}

/** A socket of node:net that has sent a hello, and accepts bodies of any length. */
export interface RawSocket {
  readonly socket: Socket
  /** The number of received body bytes, by the id of the call. */
  readonly bodyBytes: ReadonlyMap<number, number>
  /** The codes of the received failures. */
  readonly failures: readonly string[]
  readonly isClosed: boolean
}

/** Connects. With `greets` it sends a hello, and settles after the answer. */
export async function openRawSocket(url: string, { greets = true } = {}): Promise<RawSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const state = { socket, bodyBytes: new Map<number, number>(), failures: [] as string[], isClosed: false }
  socket.on('error', () => undefined)
  socket.once('close', () => {
    state.isClosed = true
  })
  const decoder = new FrameDecoder({ frameBytesMax: 2 ** 30 - 1 })
  await once(socket, 'connect')
  if (!greets) return state
  const welcomed = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) =>
      decoder.push(chunk, (payload) => {
        const envelope = decodeEnvelope(payload)
        if (envelope.kind === 'welcome') resolve()
        if (envelope.kind === 'failure') state.failures.push(envelope.code)
        if (envelope.kind !== 'result' && envelope.kind !== 'more') return
        const before = state.bodyBytes.get(envelope.callId) ?? 0
        state.bodyBytes.set(envelope.callId, before + envelope.body.bytes.length)
      }),
    )
  })
  const settings = [1, 2, 3].map((id) => [id, 64 * MiB] as const)
  socket.write(frameOf({ ...hello, settings }))
  await welcomed
  return state
}
