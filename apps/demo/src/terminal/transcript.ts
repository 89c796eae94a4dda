import { limits } from '../limits.ts'

/**
 * The rows shown so far, as a script's `/expect` reads them: each search goes on behind the text that the last
 * one found, first in the rest of that row, then in later rows.
 */
export class Transcript {
  #rows: string[] = []
  /** Where the next search begins: a row, and the offset inside it. */
  #row = 0
  #offset = 0
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
      const found = this.#rows[row]?.indexOf(text, row === this.#row ? this.#offset : 0) ?? -1
      if (found < 0) continue
      this.#row = row
      this.#offset = found + text.length
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
    else this.#offset = 0
  }
}
