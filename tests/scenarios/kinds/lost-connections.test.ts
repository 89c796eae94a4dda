import { clientCallsServer } from './direction.ts'
import { lostConnections } from './happenings/lost-connections.ts'
import { testCells } from './run-cell.ts'

testCells(clientCallsServer, lostConnections)
