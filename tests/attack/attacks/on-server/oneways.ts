import { json } from '../../../support/envelopes.ts'
import type { ServerAttack } from '../../support/attack.ts'
import { flood } from '../../support/on-server/assault.ts'
import { frame } from '../../support/raw-connection.ts'

const oneway = (procedure: string, text: string) =>
  frame({ kind: 'oneway', procedure: `target@1/${procedure}`, metadata: {}, body: json(text) })

const many = (bytes: Buffer, count: number) => Buffer.concat(Array.from({ length: count }, () => bytes))

/**
 * As long as a log line. Of tiny calls, the kernel would buffer so many that the server would process them for seconds
 * after the peer has left.
 */
const text = 'x'.repeat(500)
const notes = many(oneway('note', `{"text":"${text}"}`), 100)
/** Calls that no handler accepts: an unknown procedure, another kind of call, a wrong input, invalid JSON. */
const wrongNotes = Buffer.concat([
  many(oneway('nobody', `"${text}"`), 25),
  many(oneway('echo', `{"text":"${text}"}`), 25),
  many(oneway('note', `{"text":7,"more":"${text}"}`), 25),
  many(oneway('note', `{"text":"${text}`), 25),
])

export const onewayAttacks: readonly ServerAttack[] = [
  {
    target: 'server',
    name: 'oneway-floods',
    about:
      'calls without an answer as fast as they are taken, on every second connection those that no handler takes',
    connections: 8,
    innocent: 'oneways',
    deedsPerSecondMin: 500,
    run: (assault) => {
      const bytes = assault.index % 2 === 0 ? notes : wrongNotes
      return flood(assault, () => ({ bytes, deeds: 100 }))
    },
  },
]
