import { oursStream } from '../../support/ours.ts'
import { runProgram } from '../../support/program.ts'
import { itemsOfStream } from '../../support/sizes.ts'

await runProgram(oursStream(itemsOfStream))
