import { oursUnary } from '../../support/ours.ts'
import { runProgram } from '../../support/program.ts'

await runProgram(oursUnary(1))
