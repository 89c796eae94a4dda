import { NumberedLine } from './numbered-line.ts'

/**
 * When calls without an answer were sent that have a deadline, by the number of their envelopes: nobody else keeps that. The
 * numbers go up.
 */
export class TimedOneways {
  readonly #sent = new NumberedLine<{ readonly number: number; readonly sentAtMs: number }>()

  note(number: number, sentAtMs: number): void {
    this.#sent.push({ number, sentAtMs })
  }

  /** Those below `number` were acknowledged. */
  forget(number: number): void {
    for (
      let oldest = this.#sent.at(0);
      oldest !== undefined && oldest.number < number;
      oldest = this.#sent.at(0)
    )
      this.#sent.shift()
  }

  /** When that of this number was sent; undefined for any other envelope. */
  sentAtMs(number: number): number | undefined {
    let [from, to] = [0, this.#sent.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#sent.at(middle)?.number as number) < number) from = middle + 1
      else to = middle
    }
    const found = this.#sent.at(from)
    return found?.number === number ? found.sentAtMs : undefined
  }

  clear(): void {
    this.#sent.clear()
  }
}
