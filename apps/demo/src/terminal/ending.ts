/** How a visit ends: the exit code, and a sentence when it was not as wished. */
export interface EndingFacts {
  readonly exitCode: number
  readonly sentence?: string
}

/** The end of a visit can come from several sides (the person, a signal, the server): the first one counts. */
export class Ending {
  readonly #controller = new AbortController()
  #facts: EndingFacts | undefined

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get facts(): EndingFacts | undefined {
    return this.#facts
  }

  end(facts: EndingFacts): void {
    if (this.#facts !== undefined) return
    this.#facts = facts
    this.#controller.abort()
  }

  /** Settles at the end. */
  reached(): Promise<void> {
    const { signal } = this
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
}
