import { directions } from './direction.ts'
import { answers } from './happenings/answers.ts'
import { testCells } from './run-cell.ts'

for (const direction of directions) testCells(direction, answers)
