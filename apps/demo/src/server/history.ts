import type { Line } from '../chat-contract.ts'
import { limits } from '../limits.ts'

/** The last lines of one room, oldest first. */
export class History {
  #lines: Line[] = []

  add(line: Line): void {
    this.#lines.push(line)
    if (this.#lines.length > limits.historyLinesMax) this.#lines.shift()
  }

  /** A copy: the caller reads it at its own pace while lines come and go. */
  upTo(lineId: number): readonly Line[] {
    return this.#lines.filter((line) => line.id <= lineId)
  }
}
