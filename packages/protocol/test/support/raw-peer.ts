import { FrameDecoder, FrameEncoder } from '@frameport/framing'
import { hello, json, noBody, welcome } from '../../../../tests/support/envelopes.ts'
import {
  type Credit,
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  type PeerSettings,
} from '../../src/envelope/index.ts'
import { settingsOf, settingsToSend } from '../../src/envelope/settings.ts'
import { type Network, type NetworkOptions, network } from './network.ts'
import { openSide, Recorder, type Side, type SideOptions } from './sessions.ts'
import { bytesOf } from './vectors.ts'
import type { WatchedStream } from './watched-stream.ts'

export { hello, json, noBody, welcome }

/** Credit of `items` items, and of more bytes than a test sends. */
export const credit = (items: number): Credit => ({ items, bytes: 2 ** 30 })

/** The first call of a client, unless its test sends another. */
export const firstCall: Extract<Envelope, { kind: 'call' }> = {
  kind: 'call',
  callId: 1,
  procedure: 'a/b',
  upload: false,
  metadata: {},
  body: noBody,
}

export const rawBody = (length: number) => ({ encoding: 'raw', bytes: new Uint8Array(length) }) as const

/** A call with `length` raw bytes. */
export const rawCall = (callId: number, length: number, goesOn = false): Envelope => ({
  ...firstCall,
  callId,
  body: rawBody(length),
  ...(goesOn ? { goesOn } : {}),
})

/** The other end of a session, played by a test with envelopes, frames or any bytes. */
export class RawPeer {
  readonly received: Envelope[] = []
  readonly stream: WatchedStream
  ended = false
  closed = false
  /** All received bytes. */
  bytesReceived = 0
  readonly #decoder = new FrameDecoder({ frameBytesMax: 2 ** 32 - 1 })
  readonly #encoder = new FrameEncoder({ frameBytesMax: 2 ** 32 - 1 })

  constructor(stream: WatchedStream) {
    this.stream = stream
    stream.start({
      data: (chunk) => this.#data(chunk),
      end: () => {
        this.ended = true
        this.stream.end()
      },
      drain: () => undefined,
      close: () => {
        this.closed = true
      },
    })
  }

  get kinds(): string[] {
    return this.received.map(({ kind }) => kind)
  }

  /** The received envelopes of one kind. */
  all<K extends Envelope['kind']>(kind: K): Extract<Envelope, { kind: K }>[] {
    return this.received.filter(
      (envelope): envelope is Extract<Envelope, { kind: K }> => envelope.kind === kind,
    )
  }

  get goawayCode(): string | undefined {
    return this.all('goaway')[0]?.code
  }

  send(...envelopes: Envelope[]): void {
    for (const envelope of envelopes) {
      const { header, body } = encodeEnvelope(envelope)
      this.stream.send(this.#encoder.encode([header, body]))
    }
  }

  /** Sends a frame with exactly these bytes. */
  sendFrame(payload: Uint8Array | string): void {
    this.stream.send(this.#encoder.encode(typeof payload === 'string' ? bytesOf(payload) : payload))
  }

  sendBytes(bytes: Uint8Array | string): void {
    this.stream.send(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
  }

  #data(chunk: Uint8Array): void {
    this.bytesReceived += chunk.length
    this.#decoder.push(chunk.slice(), (payload) => {
      const envelope = decodeEnvelope(payload.slice())
      if (envelope.kind !== 'ignorable') this.received.push(envelope)
    })
  }
}

export interface Probe extends Side {
  readonly time: Network['time']
  readonly peer: RawPeer
}

/** A session with a peer that the test plays, before any byte was sent. */
export function probe(
  role: 'client' | 'server',
  options: SideOptions = {},
  pair: NetworkOptions = {},
  recorder = new Recorder(),
): Probe {
  const { time, a, b } = network(pair)
  const side = openSide(role, time, a, options, recorder)
  return { ...side, time, peer: new RawPeer(b) }
}

/** A session with a peer that the test plays, after the handshake. */
export async function openProbe(
  role: 'client' | 'server',
  options: SideOptions & { readonly peerLimits?: Partial<PeerSettings> } = {},
  pair: NetworkOptions = {},
  recorder = new Recorder(),
): Promise<Probe> {
  const { peerLimits, ...rest } = options
  const opened = probe(role, rest, pair, recorder)
  const envelope = role === 'server' ? hello : welcome
  opened.peer.send({ ...envelope, settings: settingsToSend({ ...settingsOf([]), ...peerLimits }) })
  await opened.time.settle()
  opened.peer.received.length = 0
  return opened
}
