import { runProgram } from '../../support/program.ts'
import { itemsOfStream } from '../../support/sizes.ts'
import { rawStream } from '../../support/raw.ts'

await runProgram(rawStream(itemsOfStream))
