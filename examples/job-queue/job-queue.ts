import { randomUUID } from 'node:crypto'
import type { Job, Outcome } from './contract.ts'

/** How a job ended: a worker finished it, or somebody gave it up. */
export interface FinishedJob {
  readonly job: Job
  readonly worker: string
  readonly outcome: Outcome
}

interface Entry {
  readonly job: Job
  /** Who works on it; undefined while it waits. */
  worker: string | undefined
  readonly finish: (finished: FinishedJob) => void
  readonly cancel: (reason: unknown) => void
}

export interface SubmittedJob {
  readonly job: Job
  /** Rejects with the reason when it is cancelled. */
  readonly finished: Promise<FinishedJob>
}

/** Jobs that wait and jobs that run. It knows nothing of the network. */
export class JobQueue {
  /** Both kinds, by id. Those that wait are in `#waiting`, too, the oldest first. */
  readonly #entries = new Map<string, Entry>()
  readonly #waiting: Entry[] = []
  readonly #idle = new Set<() => void>()
  #finished = 0

  get stats() {
    const waiting = this.#waiting.length
    return { waiting, running: this.#entries.size - waiting, finished: this.#finished }
  }

  submit(work: Omit<Job, 'id'>): SubmittedJob {
    const job = { ...work, id: randomUUID() }
    const finished = new Promise<FinishedJob>((finish, cancel) => {
      const entry: Entry = { job, worker: undefined, finish, cancel }
      this.#entries.set(job.id, entry)
      this.#waiting.push(entry)
    })
    this.#wakeOne()
    return { job, finished }
  }

  /** Settles with the oldest job that waits, which is the worker's from then on. Rejects with the signal's reason. */
  async take(worker: string, signal: AbortSignal): Promise<Job> {
    for (;;) {
      if (signal.aborted) {
        // It may have been woken for a job before: that is for another one now.
        if (this.#waiting.length > 0) this.#wakeOne()
        throw signal.reason
      }
      const entry = this.#waiting.shift()
      if (entry !== undefined) {
        entry.worker = worker
        return entry.job
      }
      await this.#becameBusy(signal)
    }
  }

  /** False when the job is not the worker's: it was cancelled, or given back meanwhile. */
  finish(id: string, worker: string, outcome: Outcome): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.worker !== worker) return false
    this.#entries.delete(id)
    this.#finished += 1
    entry.finish({ job: entry.job, worker, outcome })
    return true
  }

  /** The worker is gone: another one gets the job, before all that wait. Nothing for a job that has ended. */
  giveBack(id: string): void {
    const entry = this.#entries.get(id)
    if (entry?.worker === undefined) return
    entry.worker = undefined
    this.#waiting.unshift(entry)
    this.#wakeOne()
  }

  /** Gives the worker that has to be told, if it runs already; undefined for a job that waited or has ended. */
  cancel(id: string, reason: unknown): { readonly worker: string | undefined } | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    this.#entries.delete(id)
    const place = this.#waiting.indexOf(entry)
    if (place >= 0) this.#waiting.splice(place, 1)
    entry.cancel(reason)
    return { worker: entry.worker }
  }

  #wakeOne(): void {
    const [wake] = this.#idle
    wake?.()
  }

  #becameBusy(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#idle.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#idle.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
