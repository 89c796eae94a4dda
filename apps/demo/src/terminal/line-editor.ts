import { limits } from '../limits.ts'
import { graphemeAfter, graphemeBefore, wordAfter, wordBefore } from './graphemes.ts'

/** The line being typed: its text, the cursor, and the lines before it. It draws nothing. */
export class LineEditor {
  #text = ''
  /** An index of `text`. Inserting may leave it inside a grapheme that is not complete yet. */
  #cursor = 0
  /** Older lines, the newest last. */
  readonly #history: string[] = []
  /** How many lines back the shown one is; 0 for the line that is new. */
  #back = 0
  /** The new line, while an older one is shown. */
  #draft = ''
  /** The text that Ctrl-U, Ctrl-K or Ctrl-W cut last, for Ctrl-Y. */
  #cut = ''

  get text(): string {
    return this.#text
  }

  get cursor(): number {
    return this.#cursor
  }

  /** Inserts at the cursor. A line that is full takes no more: it is refused in any case, and a paste has no end. */
  insert(text: string): void {
    const taken = text.slice(0, Math.max(0, limits.typedUnitsMax - this.#text.length))
    this.#replace(this.#cursor, this.#cursor, taken)
  }

  /** Replaces `length` units before the cursor. */
  replaceBefore(length: number, by: string): void {
    this.#replace(this.#cursor - length, this.#cursor, by)
  }

  deleteBefore(): void {
    this.#replace(graphemeBefore(this.#text, this.#cursor), this.#cursor, '')
  }

  deleteAfter(): void {
    this.#replace(this.#cursor, graphemeAfter(this.#text, this.#cursor), '')
  }

  cutToStart(): void {
    this.#cutOut(0, this.#cursor)
  }

  cutToEnd(): void {
    this.#cutOut(this.#cursor, this.#text.length)
  }

  cutWordBefore(): void {
    this.#cutOut(wordBefore(this.#text, this.#cursor), this.#cursor)
  }

  cutWordAfter(): void {
    this.#cutOut(this.#cursor, wordAfter(this.#text, this.#cursor))
  }

  insertCut(): void {
    this.insert(this.#cut)
  }

  toStart(): void {
    this.#cursor = 0
  }

  toEnd(): void {
    this.#cursor = this.#text.length
  }

  left(): void {
    this.#cursor = graphemeBefore(this.#text, this.#cursor)
  }

  right(): void {
    this.#cursor = graphemeAfter(this.#text, this.#cursor)
  }

  wordLeft(): void {
    this.#cursor = wordBefore(this.#text, this.#cursor)
  }

  wordRight(): void {
    this.#cursor = wordAfter(this.#text, this.#cursor)
  }

  /** Shows the line before the shown one. The new line waits until `newer` comes back to it. */
  older(): void {
    if (this.#back === this.#history.length) return
    if (this.#back === 0) this.#draft = this.#text
    this.#show(this.#back + 1)
  }

  newer(): void {
    if (this.#back > 0) this.#show(this.#back - 1)
  }

  /** Ends the line: it becomes the newest of the older ones, and a new one begins. */
  take(): string {
    const line = this.#text
    if (line.trim() !== '') this.#remember(line)
    this.#back = 0
    this.#draft = ''
    this.#set('')
    return line
  }

  /** Restores a refused line. Returns false, and does nothing, if another line is being typed. */
  restore(line: string): boolean {
    if (this.#text !== '') return false
    this.#set(line)
    return true
  }

  #remember(line: string): void {
    const same = this.#history.indexOf(line)
    if (same >= 0) this.#history.splice(same, 1)
    this.#history.push(line)
    if (this.#history.length > limits.typedLinesKept) this.#history.shift()
  }

  #show(back: number): void {
    this.#back = back
    this.#set(back === 0 ? this.#draft : (this.#history.at(-back) ?? ''))
  }

  #set(text: string): void {
    this.#text = text
    this.#cursor = text.length
  }

  #cutOut(start: number, end: number): void {
    if (start === end) return
    this.#cut = this.#text.slice(start, end)
    this.#replace(start, end, '')
  }

  #replace(start: number, end: number, by: string): void {
    this.#text = this.#text.slice(0, start) + by + this.#text.slice(end)
    this.#cursor = start + by.length
  }
}
