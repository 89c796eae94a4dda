import type { Counts } from './attack.ts'
import type { Figures } from './figures.ts'
import type { Experience } from './good-calls.ts'

/** What a process, and a good client beside the attack, went through under a load. */
export interface Phase {
  readonly counts: Counts
  readonly figures: Figures
  readonly good: Experience
}

/** A process while nobody is connected. */
export interface Calm {
  readonly figures: Figures
  /** What there is of connections, calls and the like, by name: all of it is to be 0. */
  readonly open: Readonly<Record<string, number>>
}

export interface Trial {
  /** Under an innocent load of the same size; absent where the clock is not judged. */
  readonly innocent: Phase | undefined
  readonly hostile: Phase
  /** Before any load, and when the attack was over and all were gone. */
  readonly before: Calm
  readonly after: Calm
  /** What peers may make the process hold by its limits, in bytes. */
  readonly budgetBytes: number
  /** How many deeds the attack must have done, or the trial says nothing. */
  readonly deedsMin: number
}

export interface TrialOptions {
  readonly backend: 'net' | 'epoll' | 'io_uring'
  /** How long each load lasts. */
  readonly seconds: number
  /** Whether the clock is judged: what it is compared with, the innocent load, runs only then. */
  readonly judgesTimes: boolean
}

/** The processors that who is measured, and who makes the load, run on. */
export const measuredCore = 0
export const loadCore = 1
