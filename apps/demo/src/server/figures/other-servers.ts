import { type FiguresRow, ServerFigures } from '../../figures-contract.ts'
import { limits } from '../../limits.ts'

export function figuresBytes(figures: ServerFigures): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(figures))
}

/** The last figures that the other servers sent. Neither the form nor the amount of received data is trusted. */
export class OtherServers {
  readonly #own: string
  readonly #heard = new Map<string, { readonly figures: ServerFigures; readonly atMs: number }>()

  /** @param own the id of this server, whose figures are not accepted from others */
  constructor(own: string) {
    this.#own = own
  }

  /**
   * Figures arrived over the bus. This ignores unreadable figures, and figures of more servers than the limit allows.
   */
  heard(bytes: Uint8Array, atMs: number): void {
    const figures = figuresOf(bytes)
    if (figures === undefined || figures.server === this.#own) return
    this.#forgetOld(atMs)
    if (!this.#heard.has(figures.server) && this.#heard.size >= limits.figuresServersMax - 1) return
    this.#heard.set(figures.server, { figures, atMs })
  }

  /** The figures of the servers that were heard recently. A silent server stays in the table as gone for a while. */
  rows(atMs: number): FiguresRow[] {
    this.#forgetOld(atMs)
    return [...this.#heard.values()].map(({ figures, atMs: heardAtMs }) => {
      const silentMs = Math.round(atMs - heardAtMs)
      return silentMs > limits.figuresSilentMs ? { ...figures, silentMs } : figures
    })
  }

  clear(): void {
    this.#heard.clear()
  }

  #forgetOld(nowMs: number): void {
    for (const [server, { atMs }] of this.#heard)
      if (nowMs - atMs > limits.figuresDroppedMs) this.#heard.delete(server)
  }
}

function figuresOf(bytes: Uint8Array): ServerFigures | undefined {
  if (bytes.length > limits.figuresBytesMax) return undefined
  try {
    return ServerFigures.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data
  } catch {
    return undefined
  }
}
