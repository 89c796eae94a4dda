import { directions } from './direction.ts'
import { lostConnections } from './happenings/lost-connections.ts'
import { testCells } from './run-cell.ts'

for (const direction of directions) testCells(direction, lostConnections)
