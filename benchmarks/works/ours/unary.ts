import { oursUnary } from '../../support/ours.ts'
import { runProgram } from '../../support/program.ts'
import { callsInFlight } from '../../support/sizes.ts'

await runProgram(oursUnary(callsInFlight))
