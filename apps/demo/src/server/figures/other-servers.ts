import { type FiguresRow, ServerFigures } from '../../figures-contract.ts'
import { limits } from '../../limits.ts'

export function figuresBytes(figures: ServerFigures): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(figures))
}

/** The last figures of the other servers, as they have sent them. Nothing that comes is trusted, neither its form nor how much it is. */
export class OtherServers {
  readonly #own: string
  readonly #heard = new Map<string, { readonly figures: ServerFigures; readonly atMs: number }>()

  /** @param own the id of this server, whose figures nobody else tells */
  constructor(own: string) {
    this.#own = own
  }

  /** Figures came over the bus. Those that cannot be read, or for which there is no room, are passed over. */
  heard(bytes: Uint8Array, atMs: number): void {
    const figures = figuresOf(bytes)
    if (figures === undefined || figures.server === this.#own) return
    this.#forgetOld(atMs)
    if (!this.#heard.has(figures.server) && this.#heard.size >= limits.figuresServersMax - 1) return
    this.#heard.set(figures.server, { figures, atMs })
  }

  /** Those that were heard of not too long ago. A silent one is shown as gone for a while. */
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
