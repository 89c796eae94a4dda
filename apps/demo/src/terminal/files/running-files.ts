import { limits } from '../../limits.ts'
import type { FileProgress } from '../../member/file-progress.ts'
import { progressText } from './progress-row.ts'

/** One file that is offered or being transferred. */
export interface RunningFile {
  /** Absent until the server has numbered an offer. */
  file?: number | undefined
  readonly progress: FileProgress
  /** Aborted to cancel it. */
  readonly controller: AbortController
}

export interface RunningFilesOptions {
  /** Called when they, or their figures, have changed. */
  readonly changed: (files: readonly FileProgress[]) => void
  /** Reports each quarter in a separate row, because there are no bars. */
  readonly tell?: ((text: string) => void) | undefined
}

/** The offered files and running transfers of one member. Reports their progress periodically while there are any. */
export class RunningFiles {
  readonly #options: RunningFilesOptions
  readonly #running = new Map<RunningFile, Promise<unknown>>()
  readonly #quarters = new Map<RunningFile, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: RunningFilesOptions) {
    this.#options = options
  }

  get all(): readonly RunningFile[] {
    return [...this.#running.keys()]
  }

  /** Shows a file until `run` settles. */
  async run<Result>(running: RunningFile, run: () => Promise<Result>): Promise<Result> {
    const done = run()
    this.#running.set(running, done)
    this.#timer ??= setInterval(() => this.#tick(), limits.progressIntervalMs)
    this.changed()
    try {
      return await done
    } finally {
      this.#running.delete(running)
      this.#quarters.delete(running)
      if (this.#running.size === 0) {
        clearInterval(this.#timer)
        this.#timer = undefined
      }
      this.changed()
    }
  }

  changed(): void {
    this.#options.changed(this.all.map(({ progress }) => progress))
  }

  /** Cancels all of them. Settles when all have ended. */
  async stop(): Promise<void> {
    for (const { controller } of this.all) controller.abort()
    await Promise.allSettled(this.#running.values())
  }

  #tick(): void {
    this.changed()
    const { tell } = this.#options
    if (tell === undefined) return
    for (const running of this.all) {
      const { progress } = running
      const quarter = Math.floor(progress.share * 4)
      if (progress.waitsFor !== undefined || quarter === 4 || quarter <= (this.#quarters.get(running) ?? 0))
        continue
      this.#quarters.set(running, quarter)
      tell(progressText(progress))
    }
  }
}
