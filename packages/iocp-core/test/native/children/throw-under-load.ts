import { startLoad } from './load.ts'

await startLoad(8)
setTimeout(() => {
  throw new Error('thrown on purpose')
}, 20)
