import { runProgram } from '../../support/program.ts'
import { rawUnary } from '../../support/raw.ts'

await runProgram(rawUnary(1))
