/** Called with an address; undefined for the worker that has to choose it. */
type Asker = { readonly worker: number; readonly answer: (url: string | undefined) => void }

/** The ports of workers that listen on port 0: the first worker chooses one, and the others use it. */
export class SharedAddresses {
  readonly #chosen = new Map<string, string>()
  readonly #choosing = new Map<string, { worker: number; readonly waiting: Asker[] }>()

  ask(key: string, asker: Asker): void {
    const url = this.#chosen.get(key)
    if (url !== undefined) {
      asker.answer(url)
      return
    }
    const choosing = this.#choosing.get(key)
    if (choosing !== undefined) {
      choosing.waiting.push(asker)
      return
    }
    this.#choosing.set(key, { worker: asker.worker, waiting: [] })
    asker.answer(undefined)
  }

  /** @param url undefined if it could not listen: the next worker chooses */
  chose(key: string, url: string | undefined): void {
    const choosing = this.#choosing.get(key)
    if (choosing === undefined) return
    this.#choosing.delete(key)
    if (url !== undefined) this.#chosen.set(key, url)
    for (const asker of choosing.waiting) this.ask(key, asker)
  }

  /** Call when a worker has ended and chooses no address. */
  gone(worker: number): void {
    for (const [key, choosing] of [...this.#choosing]) {
      const waiting = choosing.waiting.filter((asker) => asker.worker !== worker)
      choosing.waiting.splice(0, choosing.waiting.length, ...waiting)
      if (choosing.worker === worker) this.chose(key, undefined)
    }
  }
}
