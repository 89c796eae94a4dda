import { runProgram } from '../../support/program.ts'
import { itemsOfStream } from '../../support/sizes.ts'
import { nestStream } from '../../support/nest.ts'

await runProgram(nestStream(itemsOfStream))
