import type { FiguresTable } from '../../figures-contract.ts'

/** The tables that one person is shown. A reader that is slower than they come gets the newest one: nothing waits in a queue. */
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

  /** Nothing is shown any more. Idempotent. */
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
