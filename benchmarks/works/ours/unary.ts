import { runProgram } from '../../support/program.ts'
import { callsInFlight } from '../../support/sizes.ts'
import { oursUnary } from '../../support/ours.ts'

await runProgram(oursUnary(callsInFlight))
