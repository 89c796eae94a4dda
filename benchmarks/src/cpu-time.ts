import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of all threads of a process, by the clock of the scheduler. */
export class CpuTime {
  readonly #tasks: string
  /** Of the threads that have been seen, by their ids: a thread that ends takes its figure with it. */
  readonly #threadNs = new Map<string, number>()

  constructor(pid: number) {
    this.#tasks = `/proc/${pid}/task`
  }

  /** So far; of threads that have ended, what they had when they were last seen. */
  ns(): number {
    for (const task of readdirSync(this.#tasks)) {
      const ns = scheduledNs(`${this.#tasks}/${task}/schedstat`)
      if (ns !== undefined) this.#threadNs.set(task, ns)
    }
    return [...this.#threadNs.values()].reduce((sum, ns) => sum + ns, 0)
  }
}

/** Undefined for a thread that has just ended. */
function scheduledNs(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0])
  } catch {
    return undefined
  }
}
