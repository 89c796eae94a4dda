import { limits } from '../limits.ts'
import { rowsOf } from './line-layout.ts'

/** What a row looks like in a terminal with that many columns. It is printed again after a change of the size. */
export type ScreenRow = (columns: number) => string

/** What a terminal has room for above its input line. */
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

/** The rows that a screen remembers, and those of them that a person sees who scrolls. */
export class ScreenRows {
  readonly #rows: ScreenRow[]
  /** The first row of the room that the person is in: older ones of the room are put before it. */
  #roomBegin = 0
  /** The row behind the last one that is shown; undefined: the newest is shown. */
  #end: number | undefined

  constructor(rows: readonly ScreenRow[], roomBegin: number) {
    const forgotten = Math.max(0, rows.length - limits.screenRowsKept)
    this.#rows = rows.slice(forgotten)
    this.#roomBegin = Math.max(0, roomBegin - forgotten)
  }

  /** Whether older rows are shown than the newest. */
  get isScrolled(): boolean {
    return this.#end !== undefined
  }

  /** Rows that are newer than those that are shown. */
  get newer(): number {
    return this.#end === undefined ? 0 : this.#rows.length - this.#end
  }

  /** Those of the room that the person is in. */
  get ofRoom(): readonly ScreenRow[] {
    return this.#rows.slice(this.#roomBegin)
  }

  /** No older row fits in. */
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

  /** Older rows of the room, the oldest first. The newest of them are shown when they were being waited for. */
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
    // At the top the rows below fill what is left.
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

  /** Shows what is before the rows that are shown, one of which stays. */
  pageUp(room: RowsRoom): void {
    const { from, to } = this.window(room)
    if (from === 0) return
    this.#showTo(Math.min(from + 1, to - 1), room)
  }

  /** Shows what is behind them. */
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
