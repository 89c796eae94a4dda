/** The progress of the work. All kinds of work proceed side by side, so that each cut hits some of every kind. */
export class Pace {
  readonly #steps: number
  #done = 0
  #waiting: { readonly part: number; readonly resume: () => void }[] = []

  /** @param steps the number of steps of the work that determines the pace */
  constructor(steps: number) {
    this.#steps = steps
  }

  step(): void {
    this.#done += 1
    const part = this.#done / this.#steps
    const due = this.#waiting.filter((each) => each.part <= part)
    this.#waiting = this.#waiting.filter((each) => each.part > part)
    for (const { resume } of due) resume()
  }

  /** @returns when this part of the work is done, from 0 to 1 */
  async reach(part: number): Promise<void> {
    if (part <= this.#done / this.#steps) return
    await new Promise<void>((resume) => this.#waiting.push({ part, resume }))
  }
}
