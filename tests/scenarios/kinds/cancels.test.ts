import { clientCallsServer } from './direction.ts'
import { cancels } from './happenings/cancels.ts'
import { testCells } from './run-cell.ts'

testCells(clientCallsServer, cancels)
