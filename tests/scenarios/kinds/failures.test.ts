import { clientCallsServer } from './direction.ts'
import { failures } from './happenings/failures.ts'
import { testCells } from './run-cell.ts'

testCells(clientCallsServer, failures)
