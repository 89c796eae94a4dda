import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What JavaScript holds when everything that can be collected was, in bytes: objects and buffers. */
export function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
