import { clientCallsServer } from './direction.ts'
import { deadlines } from './happenings/deadlines.ts'
import { testCells } from './run-cell.ts'

testCells(clientCallsServer, deadlines)
