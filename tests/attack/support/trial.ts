import type { Counts } from './attack.ts'
import type { Figures } from './figures.ts'
import type { Experience } from './good-calls.ts'

/** What a process, and a good client during the attack, experienced under a load. */
export interface Phase {
  readonly counts: Counts
  readonly figures: Figures
  readonly good: Experience
}

/** A process without connections. */
export interface Calm {
  readonly figures: Figures
  /** The number of connections, calls and so on, by name. All must be 0. */
  readonly open: Readonly<Record<string, number>>
}

export interface Trial {
  /** Under an innocent load of the same size; absent if times are not judged. */
  readonly innocent: Phase | undefined
  readonly hostile: Phase
  /** Before any load, and after the attack when all peers have left. */
  readonly before: Calm
  readonly after: Calm
  /** The number of bytes that the limits allow peers to make the process hold. */
  readonly budgetBytes: number
  /** The number of deeds that the attack must have done in a valid trial. */
  readonly deedsMin: number
}

export interface TrialOptions {
  readonly backend: 'net' | 'epoll' | 'io_uring'
  /** The duration of each load. */
  readonly seconds: number
  /** Whether times are judged. Only then does the innocent load run, for comparison. */
  readonly judgesTimes: boolean
}

/** The processors of the measured process and of the processes that create the load. */
export const measuredCore = 0
export const loadCore = 1
