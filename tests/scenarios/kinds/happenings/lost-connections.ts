import type { Side } from '../direction.ts'
import type { Happening, Row } from '../happening.ts'

const rows: readonly Row[] = [
  { stages: ['unsent'], cell: { caller: 'UNAVAILABLE', maybeExecuted: false, callee: 'never runs' } },
  { stages: ['arrived'], kinds: ['one-way'], cell: { caller: 'answer', callee: 'never runs' } },
  { kinds: ['one-way'], cell: { caller: 'answer', callee: 'UNAVAILABLE' } },
  { stages: ['arrived'], cell: { caller: 'UNAVAILABLE', maybeExecuted: true, callee: 'never runs' } },
  {
    stages: ['answering'],
    cell: { caller: ['UNAVAILABLE', 'answer'], maybeExecuted: true, callee: 'answered' },
  },
  { cell: { caller: 'UNAVAILABLE', maybeExecuted: true, callee: 'UNAVAILABLE' } },
]

const cut = (by: Side): Happening => ({
  name: `whose connection breaks at its ${by}`,
  keepsConnection: false,
  happen: ({ pair }) => pair.cut(by),
  rows,
})

const ended = (by: Side): Happening => ({
  name: `whose connection its ${by} ends without waiting`,
  keepsConnection: false,
  happen: ({ pair, world }) => world.run(pair.end(by)),
  rows,
})

export const lostConnections = [cut('caller'), cut('callee'), ended('caller'), ended('callee')]
