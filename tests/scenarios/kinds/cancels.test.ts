import { directions } from './direction.ts'
import { cancels } from './happenings/cancels.ts'
import { testCells } from './run-cell.ts'

for (const direction of directions) testCells(direction, cancels)
