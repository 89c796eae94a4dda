import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of all threads of a process, by the clock of the scheduler. */
export class CpuTime {
  readonly #tasks: string
  /** The last known values of the threads, by their ids: the system drops the value of a thread that ends. */
  readonly #threadNs = new Map<string, number>()

  constructor(pid: number) {
    this.#tasks = `/proc/${pid}/task`
  }

  /** The total so far; for ended threads, their last known values. */
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
