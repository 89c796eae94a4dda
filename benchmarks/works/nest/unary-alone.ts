import { nestUnary } from '../../support/nest.ts'
import { runProgram } from '../../support/program.ts'

await runProgram(nestUnary(1))
