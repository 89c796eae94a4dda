import type { EnvelopeBody } from '@frameport/protocol/envelope'
import type { ClientAttack } from '../attack.ts'
import { type Load, pour } from '../pour.ts'
import { answerCalls, greet, type Onslaught } from './evil-server.ts'
import { result } from './replies.ts'

/** What several attacks do alike, and differ only in what they send. */

type Serve = ClientAttack['serve']

/** Answers every call with a result: the calls of a connection get the bodies in turn. */
export function answersOf(...bodies: readonly [EnvelopeBody, ...EnvelopeBody[]]): Serve {
  return (onslaught) =>
    answerCalls(onslaught, ({ callId }) => {
      // Clients count their calls 1, 3, 5 and on.
      const turn = Math.floor(callId / 2) % bodies.length
      return { bytes: result(callId, bodies[turn]), deeds: 1 }
    })
}

/** Shakes hands and sends one load again and again, as fast as the client takes it: the connections get the loads in turn. */
export function poursOf(...loads: readonly [Load, ...Load[]]): Serve {
  return async (onslaught) => {
    const load = loads[onslaught.index % loads.length] ?? loads[0]
    await greet(onslaught)
    await pour(onslaught.connection, onslaught, () => load)
  }
}

/** Frames that differ in their number, a hundred at once, as fast as the client takes them. */
export function pourNumbered(onslaught: Onslaught, frameOf: (number: number) => Uint8Array): Promise<void> {
  const deeds = 100
  return pour(onslaught.connection, onslaught, (round) => ({
    bytes: Buffer.concat(Array.from({ length: deeds }, (_, at) => frameOf(deeds * round + at))),
    deeds,
  }))
}

/** Shakes hands, and then `pourNumbered`. */
export function numbered(frameOf: (number: number) => Uint8Array): Serve {
  return async (onslaught) => {
    await greet(onslaught)
    await pourNumbered(onslaught, frameOf)
  }
}
