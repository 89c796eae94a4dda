import type { Line } from '../chat-contract.ts'
import { limits } from '../limits.ts'

/** The last lines of one room, oldest first. */
export class History {
  #lines: Line[] = []

  add(line: Line): void {
    this.#lines.push(line)
    if (this.#lines.length > limits.historyLinesMax) this.#lines.shift()
  }

  /** Returns a copy, because the caller may read it slowly while lines change. */
  upTo(lineId: number): readonly Line[] {
    return this.#lines.filter((line) => line.id <= lineId)
  }
}
