import { nestStream } from '../../support/nest.ts'
import { runProgram } from '../../support/program.ts'
import { itemsOfStream } from '../../support/sizes.ts'

await runProgram(nestStream(itemsOfStream))
