import type { Line } from '../chat-contract.ts'
import { limits } from '../limits.ts'

/** A line with what keeps it from being said twice. */
export interface KeptLine {
  readonly line: Line
  /** The identity of its speaker. */
  readonly by: string
  /** The speaker's number of it. */
  readonly number?: number | undefined
}

/** The last lines of one room, oldest first. */
export class History {
  #lines: KeptLine[] = []
  #forgottenLineId: number

  /** @param forgottenLineId the newest line that it has lost; 0 for none */
  constructor(forgottenLineId: number) {
    this.#forgottenLineId = forgottenLineId
  }

  get all(): readonly KeptLine[] {
    return this.#lines
  }

  /** The newest line that it has lost, or 0. */
  get forgottenLineId(): number {
    return this.#forgottenLineId
  }

  /** The newest line that it ever had, or 0. */
  get lastLineId(): number {
    return this.#lines.at(-1)?.line.id ?? this.#forgottenLineId
  }

  add(kept: KeptLine): void {
    this.#lines.push(kept)
    if (this.#lines.length > limits.historyLinesMax)
      this.#forgottenLineId = this.#lines.shift()?.line.id ?? this.#forgottenLineId
  }

  /** Returns a copy, because the caller may read it slowly while lines change. */
  upTo(lineId: number): readonly Line[] {
    return this.#lines.filter(({ line }) => line.id <= lineId).map(({ line }) => line)
  }
}
