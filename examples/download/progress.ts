const mebibytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(1)

/** How far it is: one line that changes on a terminal, a line for each tenth in a file or a pipe. */
export class Progress {
  readonly #total: number
  readonly #from: number
  readonly #beganAtMs = performance.now()
  #shownAtMs = Number.NEGATIVE_INFINITY
  #shownTenth = -1

  /** @param from bytes that were there already: they count for how far it is, and not for how fast */
  constructor(total: number, from: number) {
    this.#total = total
    this.#from = from
  }

  update(done: number): void {
    const isEnd = done >= this.#total
    if (process.stdout.isTTY) {
      // Ten times a second: people cannot read faster, and terminals are slow.
      if (!isEnd && performance.now() - this.#shownAtMs < 100) return
      this.#shownAtMs = performance.now()
      process.stdout.write(`\r${this.#line(done)}\x1b[K${isEnd ? '\n' : ''}`)
      return
    }
    const tenth = this.#total === 0 ? 10 : Math.floor((10 * done) / this.#total)
    if (tenth === this.#shownTenth) return
    this.#shownTenth = tenth
    process.stdout.write(`${this.#line(done)}\n`)
  }

  #line(done: number): string {
    const percent = this.#total === 0 ? 100 : Math.floor((100 * done) / this.#total)
    const seconds = Math.max(0.001, (performance.now() - this.#beganAtMs) / 1000)
    const rate = mebibytes((done - this.#from) / seconds)
    return `${percent} % of ${mebibytes(this.#total)} MiB, ${rate} MiB/s`
  }
}
