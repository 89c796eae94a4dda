import { runProgram } from '../../support/program.ts'
import { nestUnary } from '../../support/nest.ts'

await runProgram(nestUnary(1))
