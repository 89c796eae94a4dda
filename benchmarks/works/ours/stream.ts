import { runProgram } from '../../support/program.ts'
import { itemsOfStream } from '../../support/sizes.ts'
import { oursStream } from '../../support/ours.ts'

await runProgram(oursStream(itemsOfStream))
