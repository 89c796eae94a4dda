import { limits } from '../limits.ts'

/** Who is typing now: a notice is believed for a while, or until the line is there. */
export class Typists {
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #changed: (names: readonly string[]) => void

  constructor(changed: (names: readonly string[]) => void) {
    this.#changed = changed
  }

  /** True when this is news. */
  typing(name: string): boolean {
    const present = this.#timers.get(name)
    clearTimeout(present)
    const timer = setTimeout(() => this.stopped(name), limits.typingShownMs)
    timer.unref()
    this.#timers.set(name, timer)
    if (present === undefined) this.#tell()
    return present === undefined
  }

  /** Spoke, left, or fell silent. */
  stopped(name: string): void {
    clearTimeout(this.#timers.get(name))
    if (this.#timers.delete(name)) this.#tell()
  }

  /** Another room, or the end. */
  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#tell()
  }

  #tell(): void {
    this.#changed([...this.#timers.keys()])
  }
}

/** `alice is typing`, `alice and bob are typing`, `3 people are typing`; empty when nobody is. */
export function typingSentence(names: readonly string[]): string {
  const [first, second] = names
  if (first === undefined) return ''
  if (second === undefined) return `${first} is typing`
  return names.length === 2 ? `${first} and ${second} are typing` : `${names.length} people are typing`
}
