import { runProgram } from '../../support/program.ts'
import { oursUnary } from '../../support/ours.ts'

await runProgram(oursUnary(1))
