import { runProgram } from '../../support/program.ts'
import { callsInFlight } from '../../support/sizes.ts'
import { rawUnary } from '../../support/raw.ts'

await runProgram(rawUnary(callsInFlight))
