import type { Pair, Program } from '../program-pair.ts'
import type { Entry } from './contestants.ts'

/** A contestant, or its twin, in one row. */
export interface Member {
  readonly entry: Entry
  /** The name of the contestant, or of its twin. */
  readonly name: string
  readonly program: Program
}

export interface RunningMember extends Member {
  readonly pair: Pair
}
