import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects what nobody refers to, in a runtime that lets a program ask for it; elsewhere it does nothing. */
export const collectGarbage: () => void = findCollector()

function findCollector(): () => void {
  try {
    setFlagsFromString('--expose-gc')
    return runInNewContext('gc') as () => void
  } catch {
    return () => undefined
  }
}
