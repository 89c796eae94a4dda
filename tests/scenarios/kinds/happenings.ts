import type { Happening } from './happening.ts'
import { answers } from './happenings/answers.ts'
import { cancels } from './happenings/cancels.ts'
import { deadlines } from './happenings/deadlines.ts'
import { failures } from './happenings/failures.ts'
import { lostConnections } from './happenings/lost-connections.ts'

/** Everything that can happen to a call: the rows of the table. */
export const happenings: readonly Happening[] = [
  ...answers,
  ...failures,
  ...cancels,
  ...deadlines,
  ...lostConnections,
]
