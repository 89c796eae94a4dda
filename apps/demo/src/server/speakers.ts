import { limits } from '../limits.ts'

interface Said {
  readonly number: number
  readonly lineId: number
}

/**
 * The last line of each speaker. One whose connection was lost under a line cannot know whether it was said, and sends it again with its number; this
 * is how the server knows.
 */
export class Speakers {
  readonly #last = new Map<string, Said>()

  /** The id of the line, if this speaker has said that number, or a later one, before. */
  lineIdOf(speaker: string, number: number | undefined): number | undefined {
    const last = this.#last.get(speaker)
    return number === undefined || last === undefined || number > last.number ? undefined : last.lineId
  }

  said(speaker: string, number: number | undefined, lineId: number): void {
    if (number === undefined) return
    // The order of the map is the order of speaking.
    this.#last.delete(speaker)
    this.#last.set(speaker, { number, lineId })
    if (this.#last.size <= limits.speakersKept) return
    for (const silent of this.#last.keys()) return void this.#last.delete(silent)
  }
}
