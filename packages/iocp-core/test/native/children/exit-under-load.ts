import { startLoad } from './load.ts'

await startLoad(8)
setTimeout(() => process.exit(23), 20)
