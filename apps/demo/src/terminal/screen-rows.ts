import { limits } from '../limits.ts'
import { rowsOf } from './line-layout.ts'

/** Draws a row for a terminal with this many columns. It is drawn again when the size changes. */
export type ScreenRow = (columns: number) => string

/** The space of a terminal above its input line. */
export interface RowsRoom {
  readonly columns: number
  readonly rows: number
}

/** Rows that are drawn, as texts, and which of the remembered ones they are. */
interface RowsWindow {
  readonly texts: readonly string[]
  readonly from: number
  readonly to: number
}

/** The rows that a screen remembers, and the part that a scrolling person sees. */
export class ScreenRows {
  readonly #rows: ScreenRow[]
  /** The first row of the room that the person is in: older ones of the room are put before it. */
  #roomBegin = 0
  /** The index after the last shown row; undefined: the newest row is shown. */
  #end: number | undefined

  constructor(rows: readonly ScreenRow[], roomBegin: number) {
    const forgotten = Math.max(0, rows.length - limits.screenRowsKept)
    this.#rows = rows.slice(forgotten)
    this.#roomBegin = Math.max(0, roomBegin - forgotten)
  }

  /** Whether the person has scrolled away from the newest row. */
  get isScrolled(): boolean {
    return this.#end !== undefined
  }

  /** The number of rows that are newer than the shown ones. */
  get newer(): number {
    return this.#end === undefined ? 0 : this.#rows.length - this.#end
  }

  /** The rows of the current room. */
  get ofRoom(): readonly ScreenRow[] {
    return this.#rows.slice(this.#roomBegin)
  }

  /** Whether the limit of rows is reached. */
  get isFull(): boolean {
    return this.#rows.length >= limits.scrolledRowsMax
  }

  add(row: ScreenRow): void {
    this.#rows.push(row)
    this.#trim()
  }

  /** Another room begins with the next row. */
  beginRoom(): void {
    this.#roomBegin = this.#rows.length
  }

  /** Adds older rows of the room, the oldest first. Shows the newest of them if the person is waiting for them. */
  addOlder(rows: readonly ScreenRow[], room: RowsRoom): void {
    const isAwaited = this.isRoomBeginInSight(room)
    this.#rows.splice(this.#roomBegin, 0, ...rows)
    if (isAwaited) this.#showTo(Math.min(this.#roomBegin + rows.length + 1, this.#rows.length), room)
    else if (this.#end !== undefined && this.#end > this.#roomBegin) this.#end += rows.length
  }

  window(room: RowsRoom): RowsWindow {
    const end = this.#end ?? this.#rows.length
    const texts: string[] = []
    let left = room.rows
    let from = end
    for (; from > 0; from -= 1) {
      const text = this.#rows[from - 1]?.(room.columns) ?? ''
      left -= rowsOf(text, room.columns)
      if (left < 0) break
      texts.unshift(text)
    }
    let to = end
    // At the top, the rows further down fill the remaining space.
    for (; left > 0 && to < this.#rows.length; to += 1) {
      const text = this.#rows[to]?.(room.columns) ?? ''
      left -= rowsOf(text, room.columns)
      if (left < 0) break
      texts.push(text)
    }
    return { texts, from, to }
  }

  /** Whether the oldest row of the room is shown, before which there may be more. */
  isRoomBeginInSight(room: RowsRoom): boolean {
    const { from, to } = this.window(room)
    return from <= this.#roomBegin && (to > this.#roomBegin || to === this.#rows.length)
  }

  /** Scrolls up by a page, and keeps one row in sight. */
  pageUp(room: RowsRoom): void {
    const { from, to } = this.window(room)
    if (from === 0) return
    this.#showTo(Math.min(from + 1, to - 1), room)
  }

  /** Scrolls down by a page. */
  pageDown(room: RowsRoom): void {
    const { from, to } = this.window(room)
    let end = to
    for (let left = room.rows - 1; end < this.#rows.length; end += 1) {
      left -= rowsOf(this.#rows[end]?.(room.columns) ?? '', room.columns)
      if (left < 0 && end > to) break
    }
    this.#showTo(Math.max(end, from + 1), room)
  }

  /** Shows the newest rows, and forgets the oldest of those that were read again. */
  toNewest(): void {
    this.#end = undefined
    this.#trim()
  }

  #showTo(end: number, room: RowsRoom): void {
    this.#end = end
    const { to } = this.window(room)
    if (to >= this.#rows.length) this.toNewest()
    else this.#end = to
  }

  #trim(): void {
    const tooMany = this.#rows.length - (this.isScrolled ? limits.scrolledRowsMax : limits.screenRowsKept)
    if (tooMany <= 0) return
    this.#rows.splice(0, tooMany)
    this.#roomBegin = Math.max(0, this.#roomBegin - tooMany)
    if (this.#end !== undefined) this.#end = Math.max(1, this.#end - tooMany)
  }
}
