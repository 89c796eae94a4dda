import type { BackendName, CompletionPort, CompletionPortOptions } from '../src/index.ts'

/** What a case gets. Nothing of a test runner: cases run under vitest, node:test, Bun, Deno or nothing at all. */
export interface ConformanceContext {
  readonly backend: BackendName
  readonly platform: NodeJS.Platform
  /** Aborted when the time of the case is over. */
  readonly signal: AbortSignal
  /** Opens a port on the back end under test, and asserts that it is that one. */
  openPort(options?: Omit<CompletionPortOptions, 'backend'>): CompletionPort
  /** Runs when the case is over, the last one first, whatever became of it. */
  cleanUp(task: () => unknown): void
}

export interface ConformanceCase {
  /** What a port does, as a sentence. Unique. */
  readonly name: string
  /** Why this machine cannot run it at all; undefined when it can. Without one it runs everywhere. */
  readonly cannotRun?: (context: {
    readonly platform: NodeJS.Platform
    readonly backend: BackendName
  }) => string | undefined | Promise<string | undefined>
  /** Default 20 s. */
  readonly timeoutMs?: number
  /**
   * The case leaves connections open on purpose, for `port.close` to end. Otherwise all counters of its ports
   * are back to zero, once its listeners are closed, before `port.close` is called.
   */
  readonly leavesOpen?: boolean
  run(context: ConformanceContext): Promise<void>
}

/** Cases a back end is known to fail. One that passes all the same is an error: the list is out of date. */
export interface Skip {
  readonly reason: string
  readonly cases: readonly [string, ...string[]]
}
