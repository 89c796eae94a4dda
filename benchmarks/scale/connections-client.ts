import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createClient } from '@frameport/client'
import { duplexStream } from '../../examples/transports/duplex-stream.ts'
import { checkAnswer, readingOf } from '../support/message.ts'
import { certificate } from '../support/rival/certificate.ts'
import { answerQuestions, notAsked } from '../support/scale/answer-questions.ts'
import { host, kindHere, lot } from '../support/scale/lot.ts'
import type { ScaleQuestion, ScaleWork } from '../support/scale/messages.ts'

/** All clients of one server. They are not measured: it is a process of its own. */
interface Held {
  call(): Promise<void>
  /** Loses its connection without a word. */
  cut(): void
}

/** So many are opened at a time: no queue of a listener is too short for them. */
const opensAtOnce = 64
/** So many come back at a time: each waits for a while before it connects again. All at once would time out in this one process. */
const cutsAtOnce = 256
const port = Number(process.argv[3])
const held: Held[] = []
let number = 0

async function openSocket(): Promise<Held> {
  const socket = connect({ host, port, noDelay: true })
  await once(socket, 'connect')
  return {
    async call() {
      socket.write('call')
      await once(socket, 'data')
    },
    cut: () => socket.destroy(),
  }
}

async function openSession(): Promise<Held> {
  let socket: Socket | undefined
  const target =
    kindHere === 'tls'
      ? `tls://${host}:${port}`
      : {
          url: `tcp://${host}:${port}`,
          async connect() {
            socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
            await once(socket, 'connect')
            return duplexStream(socket)
          },
        }
  const client = createClient(lot, target, kindHere === 'tls' ? { ca: certificate().cert } : {})
  await client.$connection.opened()
  return {
    async call() {
      const message = readingOf(number++)
      checkAnswer(await client.set(message), message.id)
    },
    cut: () => socket?.destroy(),
  }
}

const open = kindHere === 'port' ? openSocket : openSession

async function allOf<T>(
  of: readonly T[],
  atOnce: number,
  work: (each: T) => Promise<unknown>,
): Promise<void> {
  const left = of.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const each of left) await work(each)
    }),
  )
}

async function timed(units: number, work: () => Promise<unknown>): Promise<ScaleWork> {
  const began = performance.now()
  await work()
  return { units, elapsedMs: performance.now() - began }
}

/** Behind the answer to the newest one the server has accepted all of them. */
async function hold(connections: number): Promise<void> {
  const missing = Array.from({ length: Math.max(0, connections - held.length) })
  await allOf(missing, opensAtOnce, async () => held.push(await open()))
  await held.at(-1)?.call()
}

async function comeBack(): Promise<void> {
  await allOf(held, cutsAtOnce, (each) => {
    each.cut()
    return each.call()
  })
}

async function callAll(ms: number): Promise<ScaleWork> {
  const began = performance.now()
  let calls = 0
  let next = 0
  const lane = async () => {
    while (performance.now() - began < ms) {
      await held[next++ % held.length]!.call()
      calls += 1
    }
  }
  // Fewer than there are connections: nobody is called twice at a time.
  await Promise.all(Array.from({ length: Math.min(held.length, 256) }, lane))
  return { units: calls, elapsedMs: performance.now() - began }
}

async function answer(question: ScaleQuestion): Promise<object> {
  switch (question.ask) {
    case 'hold':
      return timed(question.connections - held.length, () => hold(question.connections))
    case 'come back':
      return timed(held.length, comeBack)
    case 'call':
      return callAll(question.ms)
    default:
      return notAsked(question)
  }
}

answerQuestions(answer)
process.send?.({})
