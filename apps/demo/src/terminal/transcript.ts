import { limits } from '../limits.ts'

/**
 * The rows shown so far, as a script's `/expect` reads them: each search begins with the row that the last one
 * matched. Different texts match that row in any order. A text that has already matched the row has to occur there
 * once more, after its last place, or in a later row.
 */
export class Transcript {
  #rows: string[] = []
  /** The row where the next search starts, and for texts that have matched it, the offset in that row. */
  #row = 0
  #offsets = new Map<string, number>()
  #wakeUp: (() => void) | undefined

  add(row: string): void {
    this.#rows.push(row)
    if (this.#rows.length > limits.transcriptLinesMax) this.#forgetOldest()
    this.#wakeUp?.()
  }

  get lastRow(): string | undefined {
    return this.#rows.at(-1)
  }

  /** Resolves to true at the first row that holds `text`, to false when `signal` aborts before. One at a time. */
  async expect(text: string, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      if (this.#find(text)) return true
      if (signal.aborted) return false
      await this.#nextRow(signal)
    }
  }

  #find(text: string): boolean {
    for (let row = this.#row; row < this.#rows.length; row += 1) {
      const offset = row === this.#row ? (this.#offsets.get(text) ?? 0) : 0
      const found = this.#rows[row]?.indexOf(text, offset) ?? -1
      if (found < 0) continue
      if (row !== this.#row) this.#offsets.clear()
      this.#row = row
      this.#offsets.set(text, found + text.length)
      return true
    }
    return false
  }

  #nextRow(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wakeUp = undefined
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#wakeUp = done
      signal.addEventListener('abort', done, { once: true })
    })
  }

  #forgetOldest(): void {
    this.#rows.shift()
    if (this.#row > 0) this.#row -= 1
    else this.#offsets.clear()
  }
}
