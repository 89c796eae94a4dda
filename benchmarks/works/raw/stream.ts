import { runProgram } from '../../support/program.ts'
import { rawStream } from '../../support/raw.ts'
import { itemsOfStream } from '../../support/sizes.ts'

await runProgram(rawStream(itemsOfStream))
