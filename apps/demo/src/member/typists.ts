import { limits } from '../limits.ts'

type Timer = ReturnType<typeof setTimeout>

/** The members who are typing. A notice is valid for a while, or until the line arrives. */
export class Typists {
  readonly #timers = new Map<string, Timer>()
  readonly #changed: (names: readonly string[]) => void

  constructor(changed: (names: readonly string[]) => void) {
    this.#changed = changed
  }

  /** Returns true when the name was not typing before. */
  typing(name: string): boolean {
    const present = this.#timers.get(name)
    clearTimeout(present)
    const timer = setTimeout(() => this.stopped(name), limits.typingShownMs)
    // In a page no timer keeps a process.
    ;(timer as { unref?(): void }).unref?.()
    this.#timers.set(name, timer)
    if (present === undefined) this.#report()
    return present === undefined
  }

  /** Called when the member has sent a line, has left, or has stopped. */
  stopped(name: string): void {
    clearTimeout(this.#timers.get(name))
    if (this.#timers.delete(name)) this.#report()
  }

  /** Forgets everybody, in another room or at the end. */
  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#report()
  }

  #report(): void {
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
