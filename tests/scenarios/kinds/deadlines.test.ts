import { directions } from './direction.ts'
import { deadlines } from './happenings/deadlines.ts'
import { testCells } from './run-cell.ts'

for (const direction of directions) testCells(direction, deadlines)
