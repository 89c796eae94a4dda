import { clientCallsServer } from './direction.ts'
import { answers } from './happenings/answers.ts'
import { testCells } from './run-cell.ts'

testCells(clientCallsServer, answers)
