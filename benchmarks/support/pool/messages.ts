import type { WorkDone } from '../messages.ts'

/** Asked of the server: how many connections has each worker? */
export type SpreadQuestion = { readonly ask: 'spread' }
export type Spread = readonly number[]

/** Asked of the client. */
export interface CallsQuestion {
  readonly ask: 'calls'
  readonly ms: number
}
export type CallsMade = WorkDone

/** The variable with the number of workers of a server. */
export const workersVariable = 'BENCH_WORKERS'
