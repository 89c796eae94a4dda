import { runProgram } from '../../support/program.ts'
import { rawUnary } from '../../support/raw.ts'
import { callsInFlight } from '../../support/sizes.ts'

await runProgram(rawUnary(callsInFlight))
