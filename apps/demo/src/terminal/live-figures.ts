import type { FiguresTable } from '../figures-contract.ts'
import type { Show } from '../member/entry.ts'
import type { Figures } from '../member/figures.ts'

export interface LiveFiguresOptions {
  readonly figures: Figures
  /** Draws a table in place of the previous one; undefined: no table. */
  readonly draw: (table: FiguresTable | undefined) => void
  readonly show: Show
}

/** The figures on a screen, updated every second from one `/stats` until the next. */
export class LiveFigures {
  readonly #options: LiveFiguresOptions
  #looking: AbortController | undefined

  constructor(options: LiveFiguresOptions) {
    this.#options = options
  }

  toggle(): void {
    if (this.#looking === undefined) void this.#look()
    else this.stop()
  }

  stop(): void {
    if (this.#looking === undefined) return
    this.#looking.abort()
    this.#looking = undefined
    this.#options.draw(undefined)
  }

  async #look(): Promise<void> {
    const { figures, draw, show } = this.#options
    const looking = new AbortController()
    this.#looking = looking
    show({ kind: 'notice', text: 'The figures of the servers are below. /stats or Esc closes them.' })
    const refused = await figures.watch((table) => draw(table), looking.signal)
    if (this.#looking !== looking) return
    this.stop()
    if (refused !== undefined) show({ kind: 'fault', text: refused })
  }
}
