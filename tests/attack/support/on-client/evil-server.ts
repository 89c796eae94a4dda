import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Envelope, WelcomeEnvelope } from '@frameport/protocol/envelope'
import { welcome } from '../../../support/envelopes.ts'
import type { ClientAttack, Counts } from '../attack.ts'
import { pause } from '../pour.ts'
import { frame, RawConnection } from '../raw-connection.ts'
import { endAfter, type Term, type TheEnd } from '../term.ts'

/** One connection of a client to the evil server, with what the attack needs. */
export interface Onslaught extends TheEnd {
  readonly connection: RawConnection
  /** The index of this connection among all connections. */
  readonly index: number
  readonly counts: Counts
}

/** The server to which clients connect, and what it has done. */
export interface EvilServer {
  readonly port: number
  readonly counts: Counts
  /** Settles when the attack is over. */
  readonly over: Promise<void>
  /** Settles when every connection has also closed. */
  readonly gone: Promise<void>
}

/** Serves every connection with the attack, for its duration. */
export async function openEvilServer(attack: ClientAttack, term: Term): Promise<EvilServer> {
  const counts: Counts = { bytes: 0, deeds: 0 }
  const end = endAfter(term, counts)
  const running = new Set<Promise<void>>()
  let index = 0
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = RawConnection.of(socket)
    const served = serve(attack, { connection, index: index++, counts, ...end })
    running.add(served)
    void served.then(() => running.delete(served))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const gone = end.over.then(async () => {
    server.close()
    await Promise.all(running)
  })
  return { port: (server.address() as AddressInfo).port, counts, over: end.over, gone }
}

async function serve(attack: ClientAttack, onslaught: Onslaught): Promise<void> {
  const { connection } = onslaught
  try {
    await attack.serve(onslaught)
  } finally {
    connection.close()
    await connection.closed
  }
}

/** Waits for the hello, without an answer. */
export async function heardHello({ connection }: Onslaught): Promise<void> {
  const came = new Promise<void>((resolve) => {
    connection.onEnvelope = () => resolve()
  })
  connection.listen()
  await Promise.race([came, connection.closed])
}

/** Completes the handshake, and passes every later envelope to `take`. */
export async function greet(
  onslaught: Onslaught,
  take: (envelope: Envelope) => void = () => undefined,
  more: Partial<WelcomeEnvelope> = {},
): Promise<void> {
  const { connection } = onslaught
  await heardHello(onslaught)
  connection.onEnvelope = take
  await connection.write(frame({ ...welcome, ...more }))
}

/**
 * Completes the handshake, and answers every call with the result of `answers`. Returns when the attack or the
 * connection ends.
 */
export async function answerCalls(
  onslaught: Onslaught,
  answers: (call: Envelope & { kind: 'call' }) => { readonly bytes: Uint8Array; readonly deeds: number },
  more: Partial<WelcomeEnvelope> = {},
): Promise<void> {
  const { connection, counts } = onslaught
  const take = (envelope: Envelope) => {
    if (envelope.kind !== 'call') return
    const { bytes, deeds } = answers(envelope)
    counts.bytes += bytes.length
    counts.deeds += deeds
    void connection.write(bytes)
  }
  await greet(onslaught, take, more)
  await untilOver(onslaught)
}

/** Settles with the ids of the first `count` calls, or fewer if the connection or the attack ends earlier. */
export async function greetAndAwaitCalls(
  onslaught: Onslaught,
  count: number,
  more: Partial<WelcomeEnvelope> = {},
): Promise<number[]> {
  const ids: number[] = []
  let enough: () => void = () => undefined
  const came = new Promise<void>((resolve) => {
    enough = resolve
  })
  const take = (envelope: Envelope) => {
    if (envelope.kind !== 'call' || ids.length >= count) return
    ids.push(envelope.callId)
    if (ids.length === count) enough()
  }
  await greet(onslaught, take, more)
  await Promise.race([came, untilOver(onslaught)])
  return ids
}

export async function untilOver({ connection, over }: Onslaught): Promise<void> {
  await Promise.race([over, connection.closed])
}

/** Waits this many milliseconds, or until the attack or the connection ends. */
export async function rest(onslaught: Onslaught, ms: number): Promise<void> {
  await Promise.race([untilOver(onslaught), pause(ms)])
}

/** Sends bytes and counts them. */
export async function strike({ connection, counts }: Onslaught, bytes: Uint8Array, deeds = 1): Promise<void> {
  await connection.write(bytes)
  counts.bytes += bytes.length
  counts.deeds += deeds
}
