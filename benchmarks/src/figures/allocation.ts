import { type Program, withPair } from '../program-pair.ts'

/** Bytes of heap and of buffers per unit of work on each side. */
export interface Allocation {
  readonly serverBytes: number
  readonly clientBytes: number
}

/**
 * Node 20 has no count of allocated bytes. So the young generation is made large enough that nothing is collected
 * while units are counted: then the increase in used memory equals the allocated bytes. With V8 on one thread a function is
 * compiled after the same call in every run, and so are the allocations that the compiler saves.
 */
const youngMiB = 512
export const nodeFlagsOfAllocation: readonly string[] = [
  '--expose-gc',
  '--single-threaded',
  `--min-semi-space-size=${youngMiB}`,
  `--max-semi-space-size=${youngMiB}`,
]

/** @throws Error if garbage was collected while units were counted: then there is no figure */
export function measureAllocation(program: Program): Promise<Allocation> {
  return withPair(program, nodeFlagsOfAllocation, async ({ server, client }) => {
    const sides = [server, client]
    const heaps = () => Promise.all(sides.map((side) => side.heap()))
    await client.warmUp()
    await Promise.all(sides.map((side) => side.collect()))
    const before = await heaps()
    const { units } = await client.count()
    const after = await heaps()
    const [serverBytes, clientBytes] = after.map(({ usedBytes, collections }, at) => {
      const begin = before[at]!
      if (collections !== begin.collections)
        throw new Error(`${program.name}: garbage was collected while allocations were counted.`)
      return (usedBytes - begin.usedBytes) / units
    })
    return { serverBytes: serverBytes!, clientBytes: clientBytes! }
  })
}
