import type { FiguresTable } from '../../figures-contract.ts'

/** The tables for one viewer. A slow reader gets only the newest table: nothing is queued. */
export class FiguresWatch {
  #newest: FiguresTable | undefined
  #isOver = false
  #wake: (() => void) | undefined
  readonly #onStop: () => void

  constructor(onStop: () => void) {
    this.#onStop = onStop
  }

  show(table: FiguresTable): void {
    this.#newest = table
    this.#wake?.()
  }

  /** Ends the watch. Idempotent. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onStop()
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FiguresTable, void, undefined> {
    while (!this.#isOver) {
      const table = this.#newest
      this.#newest = undefined
      if (table !== undefined) yield table
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
