import { runProgram } from '../../support/program.ts'
import { callsInFlight } from '../../support/sizes.ts'
import { nestUnary } from '../../support/nest.ts'

await runProgram(nestUnary(callsInFlight))
