import type { Cost, CostFigure } from './costs.ts'
import { measureAllocation } from './figures/allocation.ts'
import { countInstructions, harnesses } from './figures/instructions.ts'
import { countSystemCalls } from './figures/system-calls.ts'
import type { Program } from './program-pair.ts'
import type { Side } from './side.ts'
import type { Sides } from './sides.ts'

/** A measurement of one process varies a little, with the turn in which an answer came. */
const runsOfFigure = 3

/**
 * Works in which a figure does not repeat. With one call at a time, timers of idle turns allocate by the clock; with many in
 * flight, the number of calls per system call depends on which side is faster, and the same applies to events.
 */
const notRepeating: Readonly<Record<CostFigure, readonly string[]>> = {
  bytes: ['unary-alone'],
  'system-calls': ['unary', 'events'],
  instructions: [],
}

interface OnBothSides {
  readonly server: number
  readonly client: number
}

const figures = {
  async bytes(program: Program): Promise<OnBothSides> {
    const { serverBytes, clientBytes } = await measureAllocation(program)
    return { server: serverBytes, client: clientBytes }
  },
  async 'system-calls'(program: Program): Promise<OnBothSides> {
    const { serverCalls, clientCalls } = await countSystemCalls(program)
    return { server: serverCalls, client: clientCalls }
  },
} satisfies Partial<Record<CostFigure, unknown>>

const nouns = { bytes: 'bytes allocated', 'system-calls': 'system calls' } as const

/** One figure of one work, on the server and on the client. */
export async function compareCosts(
  work: string,
  figure: keyof typeof figures,
  { a, b }: Sides,
): Promise<Cost[]> {
  if (notRepeating[figure].includes(work)) return []
  const ofA: OnBothSides[] = []
  const ofB: OnBothSides[] = []
  for (let run = 0; run < runsOfFigure; run++) {
    ofA.push(await figures[figure](a))
    ofB.push(await figures[figure](b))
  }
  return (['server', 'client'] as const).map((side) => ({
    name: `${work}: ${nouns[figure]} on the ${side}`,
    figure,
    a: ofA.map((both) => both[side]),
    b: ofB.map((both) => both[side]),
  }))
}

/** Costs of the parts of the engine, which no work and no variable changes. */
export function compareInstructions(a: Side, b: Side): Cost[] {
  return harnesses.map((harness) => {
    const [ofA, ofB] = [a, b].map(({ folder }) => countInstructions(harness, folder))
    return {
      name: `${harness.name}: instructions of a round`,
      figure: 'instructions',
      a: ofA === undefined ? [] : [ofA],
      b: ofB === undefined ? [] : [ofB],
    }
  })
}
