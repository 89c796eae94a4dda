// Replaces each user function by a wrong one in each way, one at a time, and sends the results to its parent. It runs
// in its own process, because an unhandled rejection ends a process.
import { spendDay } from '../wrong-functions/day.ts'
import { ways } from '../wrong-functions/ways.ts'

/** The result for one function that was wrong in one way. */
export interface Cell {
  readonly name: string
  readonly way: string
  /** Unhandled rejections. */
  readonly unhandled: readonly string[]
  /** Errors that were passed to the process, because no hook could receive them. */
  readonly uncaught: readonly string[]
  /** Steps of the day that did not settle. */
  readonly hangs: readonly string[]
  readonly leftOvers: readonly string[]
}

const unhandled: string[] = []
const uncaught: string[] = []
process.on('unhandledRejection', (error) => unhandled.push(String(error)))
process.on('uncaughtException', (error) => uncaught.push(String(error)))

const turn = () => new Promise((resolve) => setTimeout(resolve, 0))

async function run(name: string, way: keyof typeof ways): Promise<Cell> {
  const { steps, leftOvers } = await spendDay({ name, way: ways[way]! })
  await turn()
  await turn()
  const hangs = Object.keys(steps).filter((step) => steps[step] === 'hangs')
  return { name, way, unhandled: unhandled.splice(0), uncaught: uncaught.splice(0), hangs, leftOvers }
}

const { called, steps } = await spendDay()
const cells: Cell[] = []
for (const name of called) for (const way of Object.keys(ways)) cells.push(await run(name, way))
process.send?.({ called: [...called], steps, unhandled, uncaught, cells }, () => process.disconnect())
