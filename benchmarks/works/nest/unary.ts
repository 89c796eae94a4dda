import { nestUnary } from '../../support/nest.ts'
import { runProgram } from '../../support/program.ts'
import { callsInFlight } from '../../support/sizes.ts'

await runProgram(nestUnary(callsInFlight))
