import type { EnvelopeBody } from '@frameport/protocol/envelope'
import type { ClientAttack } from '../attack.ts'
import { type Load, pour } from '../pour.ts'
import { answerCalls, greet, type Onslaught } from './evil-server.ts'
import { result } from './replies.ts'

/** The common parts of several attacks, which differ only in what they send. */

type Serve = ClientAttack['serve']

/** Answers every call with a result. The calls of a connection get the bodies in turn. */
export function answersOf(...bodies: readonly [EnvelopeBody, ...EnvelopeBody[]]): Serve {
  return (onslaught) =>
    answerCalls(onslaught, ({ callId }) => {
      // Clients number their calls 1, 3, 5 and so on.
      const turn = Math.floor(callId / 2) % bodies.length
      return { bytes: result(callId, bodies[turn]), deeds: 1 }
    })
}

/**
 * Completes the handshake and sends one load repeatedly, as fast as the client accepts it. The connections get the
 * loads in turn.
 */
export function poursOf(...loads: readonly [Load, ...Load[]]): Serve {
  return async (onslaught) => {
    const load = loads[onslaught.index % loads.length] ?? loads[0]
    await greet(onslaught)
    await pour(onslaught.connection, onslaught, () => load)
  }
}

/** Sends frames that differ in their number, a hundred at a time, as fast as the client accepts them. */
export function pourNumbered(onslaught: Onslaught, frameOf: (number: number) => Uint8Array): Promise<void> {
  const deeds = 100
  return pour(onslaught.connection, onslaught, (round) => ({
    bytes: Buffer.concat(Array.from({ length: deeds }, (_, at) => frameOf(deeds * round + at))),
    deeds,
  }))
}

/** Completes the handshake, and then calls `pourNumbered`. */
export function numbered(frameOf: (number: number) => Uint8Array): Serve {
  return async (onslaught) => {
    await greet(onslaught)
    await pourNumbered(onslaught, frameOf)
  }
}
