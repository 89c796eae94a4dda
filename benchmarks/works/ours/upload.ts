import { oursUpload } from '../../support/ours-upload.ts'
import { runProgram } from '../../support/program.ts'
import { itemsOfStream } from '../../support/sizes.ts'

await runProgram(oursUpload(itemsOfStream))
