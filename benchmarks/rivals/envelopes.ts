import { FrameDecoder, headerBytes } from '@frameport/framing'
import {
  decodeEnvelope,
  type EncodedEnvelope,
  type Envelope,
  type EnvelopeBody,
  encodeEnvelope,
} from '@frameport/protocol/envelope'
import { z } from 'zod'
import { Reading, readingOf } from '../support/message.ts'
import type { Connection } from '../support/rival/contestant.ts'

/** A TCP connection of any runtime. */
export interface Wire {
  write(bytes: Uint8Array): void
  readonly isFull: boolean
  whenDrained(): Promise<void>
}

/** A write waits for the socket beyond this: what node:net itself takes as full. */
const queuedBytesMax = 16 * 1024

/**
 * Our envelopes as a careful user writes them by hand, with the public codec of the wire: no handshake, no limits, no
 * deadlines, no heartbeats, no credit that is granted in portions. A bound, and no rival. What is sent in one turn leaves
 * in one write of one buffer.
 */
export class EnvelopeConnection {
  readonly #wire: Wire
  readonly #decoder = new FrameDecoder()
  readonly #take: (payload: Uint8Array) => void
  #parts: Uint8Array[] = []
  #partBytes = 0
  #isFlushPlanned = false

  constructor(wire: Wire, onEnvelope: (envelope: Envelope) => void) {
    this.#wire = wire
    this.#take = (payload) => {
      const envelope = decodeEnvelope(payload)
      if (envelope.kind !== 'ignorable') onEnvelope(envelope)
    }
  }

  push(chunk: Uint8Array): void {
    this.#decoder.push(chunk, this.#take)
  }

  send(envelope: Envelope): void {
    this.sendEncoded(encodeEnvelope(envelope))
  }

  sendEncoded({ header, body }: EncodedEnvelope): void {
    this.#parts.push(header, body)
    this.#partBytes += headerBytes + header.length + body.length
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    process.nextTick(() => this.#flush())
  }

  /** Undefined while there is room. */
  whenRoom(): Promise<void> | undefined {
    if (this.#partBytes < queuedBytesMax && !this.#wire.isFull) return undefined
    this.#flush()
    return this.#wire.isFull ? this.#wire.whenDrained() : undefined
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
    this.#wire.write(bytes)
  }
}

const Amount = z.object({ items: z.number().int() })
const Read = z.object({ bytes: z.number().int() })
const noMetadata = {}
const nothing: EnvelopeBody = { encoding: 'none', bytes: new Uint8Array(0) }

const bodyOf = (value: unknown): EnvelopeBody => ({
  encoding: 'codec',
  bytes: Buffer.from(JSON.stringify(value)),
})
const parsed = (body: EnvelopeBody): unknown =>
  JSON.parse(Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength).toString('utf8'))

/** What a server does with the envelopes of its connections. */
export class EnvelopeServer {
  readonly #subscribers = new Set<EnvelopeConnection>()
  /** Bytes that the uploads under way have brought. */
  readonly #uploads = new Map<EnvelopeConnection, number>()

  take(connection: EnvelopeConnection, envelope: Envelope): void {
    switch (envelope.kind) {
      case 'call':
        this.#call(connection, envelope)
        break
      case 'item':
        this.#uploads.set(connection, (this.#uploads.get(connection) ?? 0) + envelope.body.bytes.length)
        break
      case 'end':
        answer(connection, envelope.callId, bodyOf({ bytes: this.#uploads.get(connection) ?? 0 }))
        this.#uploads.delete(connection)
        break
      case 'subscribe':
        this.#subscribers.add(connection)
        answer(connection, envelope.callId, nothing)
        break
      default:
        throw new Error(`A server was sent a ${envelope.kind}.`)
    }
  }

  forget(connection: EnvelopeConnection): void {
    this.#subscribers.delete(connection)
  }

  #call(connection: EnvelopeConnection, call: Extract<Envelope, { kind: 'call' }>): void {
    const { callId, procedure, body } = call
    switch (procedure) {
      case 'house/set':
        answer(connection, callId, bodyOf(Reading.parse(parsed(body))))
        break
      case 'house/readings':
        void sendItems(connection, callId, Amount.parse(parsed(body)).items)
        break
      case 'house/announce': {
        const event = bodyOf(Reading.parse(parsed(body)))
        const facts = { event: 'house/told', topic: '', metadata: noMetadata }
        const encoded = encodeEnvelope({ kind: 'event', ...facts, body: event })
        for (const subscriber of this.#subscribers) subscriber.sendEncoded(encoded)
        answer(connection, callId, nothing)
        break
      }
      case 'house/put':
        break
      default:
        throw new Error(`Nobody has a procedure ${procedure}.`)
    }
  }
}

function answer(connection: EnvelopeConnection, callId: number, body: EnvelopeBody): void {
  connection.send({ kind: 'result', callId, metadata: noMetadata, body })
}

/** All items are granted by the call, so that only the socket slows them down. */
async function sendItems(connection: EnvelopeConnection, callId: number, items: number): Promise<void> {
  for (let sequence = 0; sequence < items; sequence++) {
    const room = connection.whenRoom()
    if (room !== undefined) await room
    connection.send({ kind: 'item', callId, sequence, body: bodyOf(readingOf(sequence)) })
  }
  connection.send({ kind: 'end', callId, metadata: noMetadata })
}

/** What a client does over a connection whose envelopes it is handed. */
export class EnvelopeClient implements Connection {
  readonly #answers = new Map<number, (body: EnvelopeBody) => void>()
  readonly #connection: EnvelopeConnection
  #callId = -1
  #onItem: (item: Reading) => void = () => {}
  #onEvent: (event: Reading) => void = () => {}

  constructor(connect: (onEnvelope: (envelope: Envelope) => void) => EnvelopeConnection) {
    this.#connection = connect((envelope) => this.#take(envelope))
  }

  async call(message: Reading): Promise<Reading> {
    return Reading.parse(parsed(await this.#ask('house/set', bodyOf(message))))
  }

  async stream(items: number, onItem: (item: Reading) => void): Promise<void> {
    this.#onItem = onItem
    const credit = { items, bytes: Number.MAX_SAFE_INTEGER }
    await this.#ask('house/readings', bodyOf({ items }), { credit })
  }

  async upload(chunks: Iterable<Uint8Array>): Promise<number> {
    const answered = this.#ask('house/put', nothing, { upload: true })
    const callId = this.#callId
    let sequence = 0
    for (const bytes of chunks) {
      const room = this.#connection.whenRoom()
      if (room !== undefined) await room
      this.#connection.send({ kind: 'item', callId, sequence: sequence++, body: { encoding: 'raw', bytes } })
    }
    this.#connection.send({ kind: 'end', callId, metadata: noMetadata })
    return Read.parse(parsed(await answered)).bytes
  }

  async subscribe(onEvent: (event: Reading) => void): Promise<void> {
    this.#onEvent = onEvent
    const answered = this.#answered()
    const facts = { event: 'house/told', topic: '', metadata: noMetadata }
    this.#connection.send({ kind: 'subscribe', callId: this.#callId, ...facts })
    await answered
  }

  async announce(message: Reading): Promise<void> {
    await this.#ask('house/announce', bodyOf(message))
  }

  #ask(
    procedure: string,
    body: EnvelopeBody,
    more: Partial<Extract<Envelope, { kind: 'call' }>> = {},
  ): Promise<EnvelopeBody> {
    const answered = this.#answered()
    const facts = { callId: this.#callId, procedure, upload: false, metadata: noMetadata }
    this.#connection.send({ kind: 'call', ...facts, body, ...more })
    return answered
  }

  #answered(): Promise<EnvelopeBody> {
    this.#callId += 2
    return new Promise((resolve) => this.#answers.set(this.#callId, resolve))
  }

  #take(envelope: Envelope): void {
    switch (envelope.kind) {
      case 'item':
        this.#onItem(Reading.parse(parsed(envelope.body)))
        break
      case 'event':
        this.#onEvent(Reading.parse(parsed(envelope.body)))
        break
      case 'result':
        this.#settle(envelope.callId, envelope.body)
        break
      case 'end':
        this.#settle(envelope.callId, nothing)
        break
      default:
        throw new Error(`A client was sent a ${envelope.kind}.`)
    }
  }

  #settle(callId: number, body: EnvelopeBody): void {
    const settle = this.#answers.get(callId)
    if (settle === undefined) throw new Error(`Nobody waits for the answer of call ${callId}.`)
    this.#answers.delete(callId)
    settle(body)
  }
}
