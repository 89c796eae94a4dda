import type { ByteStream, FrameChannel } from '@frameport/framing'
import { type Envelope, encodeEnvelope } from '@frameport/protocol/envelope'

/** A peer of a server without a session. It sends anything and records what it receives. */
export interface RawPeer {
  /** The payloads of the complete frames that it received. */
  readonly payloads: readonly Uint8Array[]
  readonly ended: boolean
  readonly closed: boolean
  sendFrames(...payloads: readonly Uint8Array[]): void
  /** Sends raw bytes. In a world of frames, they are one frame. */
  sendRaw(bytes: Uint8Array): void
  abort(): void
}

/** The payload of the frame that contains an envelope. */
export function payloadOf(envelope: Envelope): Uint8Array {
  const { header, body } = encodeEnvelope(envelope)
  return Uint8Array.of(...header, ...body)
}

/** The payload of each envelope. */
export function framesOf(envelopes: readonly Envelope[]): Uint8Array[] {
  return envelopes.map(payloadOf)
}

/** Writes and reads length prefixes without the code under test, so that it agrees with the specification. */
export function rawPeerOnBytes(stream: ByteStream): RawPeer {
  const seen = { payloads: [] as Uint8Array[], ended: false, closed: false }
  let rest: number[] = []
  stream.start({
    data(chunk) {
      rest.push(...chunk)
      for (;;) {
        const end = 4 + new DataView(Uint8Array.from([...rest.slice(0, 4), 0, 0, 0, 0]).buffer).getUint32(0)
        if (rest.length < 4 || rest.length < end) return
        seen.payloads.push(Uint8Array.from(rest.slice(4, end)))
        rest = rest.slice(end)
      }
    },
    end() {
      seen.ended = true
      stream.end()
    },
    drain: () => undefined,
    close() {
      seen.closed = true
    },
  })
  return Object.assign(seen, {
    sendFrames: (...payloads: readonly Uint8Array[]) => void stream.send(payloads.flatMap(framed)),
    sendRaw: (bytes: Uint8Array) => void stream.send(bytes),
    abort: () => stream.abort(),
  })
}

function framed(payload: Uint8Array): readonly Uint8Array[] {
  const header = new Uint8Array(4)
  new DataView(header.buffer).setUint32(0, payload.byteLength)
  return [header, payload]
}

export function rawPeerOnFrames(channel: FrameChannel): RawPeer {
  const seen = { payloads: [] as Uint8Array[], ended: false, closed: false }
  // A hostile peer sets its own limits.
  channel.sendBytesMax = Number.MAX_SAFE_INTEGER
  channel.start({
    frame: (payload) => void seen.payloads.push(payload.slice()),
    end() {
      seen.ended = true
      channel.end()
    },
    close() {
      seen.closed = true
    },
  })
  return Object.assign(seen, {
    sendFrames(...payloads: readonly Uint8Array[]) {
      for (const payload of payloads) channel.send(payload)
    },
    sendRaw: (bytes: Uint8Array) => void channel.send(bytes),
    abort: () => channel.abort(),
  })
}
