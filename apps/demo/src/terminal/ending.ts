/** How a run ends: the exit code, and a sentence unless it ended as wished. */
export interface EndingFacts {
  readonly exitCode: number
  readonly sentence?: string
}

/** Several things can end a run (the person, a signal, the server): the first one counts. */
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
