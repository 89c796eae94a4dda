import { NumberedLine } from './numbered-line.ts'

/**
 * The send times of calls without an answer that have a deadline, by the number of their envelopes, because nothing
 * else keeps them. The numbers grow.
 */
export class TimedOneways {
  readonly #sent = new NumberedLine<{ readonly number: number; readonly sentAtMs: number }>()

  note(number: number, sentAtMs: number): void {
    this.#sent.push({ number, sentAtMs })
  }

  /** Envelopes below `number` were acknowledged. */
  forget(number: number): void {
    for (
      let oldest = this.#sent.at(0);
      oldest !== undefined && oldest.number < number;
      oldest = this.#sent.at(0)
    )
      this.#sent.shift()
  }

  /** The send time of the envelope with this number; undefined for any other envelope. */
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
