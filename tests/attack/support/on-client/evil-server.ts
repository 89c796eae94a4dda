import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Envelope, WelcomeEnvelope } from '@frameport/protocol/envelope'
import { welcome } from '../../../support/envelopes.ts'
import type { ClientAttack, Counts } from '../attack.ts'
import { pause } from '../pour.ts'
import { frame, RawConnection } from '../raw-connection.ts'
import { endAfter, type Term, type TheEnd } from '../term.ts'

/** One connection of a client to the evil server, and what the attack on it has at hand. */
export interface Onslaught extends TheEnd {
  readonly connection: RawConnection
  /** Of this connection among all that came. */
  readonly index: number
  readonly counts: Counts
}

/** Where clients connect to, and what has been done to them. */
export interface EvilServer {
  readonly port: number
  readonly counts: Counts
  /** Settles when the attack is over. */
  readonly over: Promise<void>
  /** Settles when every connection is gone, too. */
  readonly gone: Promise<void>
}

/** Serves every connection by the attack, for its term. */
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

/** Waits for the hello. Nothing is answered. */
export async function heardHello({ connection }: Onslaught): Promise<void> {
  const came = new Promise<void>((resolve) => {
    connection.onEnvelope = () => resolve()
  })
  connection.listen()
  await Promise.race([came, connection.closed])
}

/** Shakes hands, and gives every further envelope to `take`. */
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

/** Shakes hands, and answers every call by what `answers` makes of it. Returns when the attack or the connection is over. */
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

/** Settles with the ids of the first `count` calls, or of fewer when the connection or the attack ends before. */
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

/** So many milliseconds, or until it is over. */
export async function rest(onslaught: Onslaught, ms: number): Promise<void> {
  await Promise.race([untilOver(onslaught), pause(ms)])
}

/** Sends, and counts it. */
export async function strike({ connection, counts }: Onslaught, bytes: Uint8Array, deeds = 1): Promise<void> {
  await connection.write(bytes)
  counts.bytes += bytes.length
  counts.deeds += deeds
}
