import { directions } from './direction.ts'
import { failures } from './happenings/failures.ts'
import { testCells } from './run-cell.ts'

for (const direction of directions) testCells(direction, failures)
