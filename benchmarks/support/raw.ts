import { once } from 'node:events'
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net'
import type { Envelope, EnvelopeBody } from '@frameport/protocol/envelope'
import { checkAnswer, Reading, reading } from './message.ts'
import { RawConnection } from './raw-connection.ts'
import { streamSteps, unarySteps } from './sizes.ts'
import type { Load, Served, Work } from './work.ts'

const noMetadata = {}
const bodyOf = (value: unknown): EnvelopeBody => ({
  encoding: 'codec',
  bytes: Buffer.from(JSON.stringify(value)),
})
const parsed = (body: EnvelopeBody): unknown =>
  JSON.parse(Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength).toString('utf8'))

async function serve(): Promise<Served> {
  const server = createServer((socket) => {
    const connection = new RawConnection(socket, (envelope) => {
      if (envelope.kind !== 'call') throw new Error(`A server was sent a ${envelope.kind}.`)
      const { callId, credit, body } = envelope
      if (credit === undefined) {
        const { id, room, degrees, note } = Reading.parse(parsed(body))
        const result = bodyOf({ id, room, degrees, note })
        connection.send({ kind: 'result', callId, metadata: noMetadata, body: result })
      } else void sendItems(connection, callId, credit.items)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port }
}

/** All items are granted by the call, so that only the socket slows them down. */
async function sendItems(connection: RawConnection, callId: number, items: number): Promise<void> {
  for (let sequence = 0; sequence < items; sequence++) {
    const room = connection.whenRoom()
    if (room !== undefined) await room
    connection.send({ kind: 'item', callId, sequence, body: bodyOf(reading(sequence)) })
  }
  connection.send({ kind: 'end', callId, metadata: noMetadata })
}

async function connect(port: number, onEnvelope: (envelope: Envelope) => void): Promise<RawConnection> {
  const socket = connectSocket(port, '127.0.0.1')
  await once(socket, 'connect')
  return new RawConnection(socket, onEnvelope)
}

export function rawUnary(inFlight: number): Work {
  return {
    serve,
    async connect(port): Promise<Load> {
      const waiting = new Map<number, (body: EnvelopeBody) => void>()
      const connection = await connect(port, (envelope) => {
        if (envelope.kind !== 'result') throw new Error(`A call was answered by a ${envelope.kind}.`)
        waiting.get(envelope.callId)?.(envelope.body)
        waiting.delete(envelope.callId)
      })
      let number = 0
      const call = (callId: number, input: Reading) =>
        new Promise<Reading>((resolve) => {
          waiting.set(callId, (body) => resolve(Reading.parse(parsed(body))))
          const facts = { callId, procedure: 'house/set', upload: false, metadata: noMetadata }
          connection.send({ kind: 'call', ...facts, body: bodyOf(input) })
        })
      return {
        ...unarySteps(inFlight),
        async step() {
          const input = reading(number)
          const callId = 2 * number++ + 1
          checkAnswer(await call(callId, input), input.id)
        },
      }
    },
  }
}

export function rawStream(items: number): Work {
  return {
    serve,
    async connect(port): Promise<Load> {
      let onEnd = () => {}
      let expected = 0
      let callId = -1
      const connection = await connect(port, (envelope) => {
        if (envelope.kind === 'item') {
          const item = Reading.parse(parsed(envelope.body))
          if (envelope.sequence !== expected) throw new Error(`Item ${envelope.sequence} came too early.`)
          checkAnswer(item, reading(expected++).id)
        } else onEnd()
      })
      return {
        ...streamSteps(items),
        async step() {
          expected = 0
          callId += 2
          const ended = new Promise<void>((resolve) => {
            onEnd = resolve
          })
          const facts = { callId, procedure: 'house/readings', upload: false, metadata: noMetadata }
          connection.send({
            kind: 'call',
            ...facts,
            credit: { items, bytes: Number.MAX_SAFE_INTEGER },
            body: bodyOf({ items }),
          })
          await ended
          if (expected !== items) throw new Error(`The stream ended after ${expected} items.`)
        },
      }
    },
  }
}
