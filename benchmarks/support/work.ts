import type { Unit } from './messages.ts'

/** One kind of work of one contestant: what a file of `works/` hands to `runProgram`. */
export interface Work {
  /** Listens on a free port of 127.0.0.1. */
  serve(): Promise<Served>
  /** Connects once. */
  connect(port: number): Promise<Load>
}

export interface Served {
  readonly port: number
  /** Where the contestant can choose. */
  readonly backend?: string
}

export interface Load {
  /** Steps that are under way at the same time. */
  readonly inFlight: number
  /** What is counted. */
  readonly unit: Unit
  /** Units in one step. */
  readonly unitsPerStep: number
  /** Steps that are done before anything is counted. In steps and not in time: the compiler of V8 counts calls, too. */
  readonly warmUpSteps: number
  /** Steps in which costs are counted that do not depend on time: so few that no garbage has to be collected. */
  readonly countedSteps: number
  /** Rejects for a wrong answer. */
  step(): Promise<void>
}

/** Keeps the load's steps in flight as long as `more` says so. Settles with the units done, when all are answered. */
export async function keepInFlight(
  load: Pick<Load, 'inFlight' | 'unitsPerStep' | 'step'>,
  more: () => boolean,
): Promise<number> {
  let steps = 0
  const lane = async () => {
    while (more()) {
      steps++
      await load.step()
    }
  }
  await Promise.all(Array.from({ length: load.inFlight }, lane))
  return steps * load.unitsPerStep
}
