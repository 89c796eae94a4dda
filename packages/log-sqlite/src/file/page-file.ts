import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { readWriteAheadLog, type WalFrame } from './write-ahead-log.ts'

/** The position of a version of a page. */
interface PagePlace {
  readonly file: number
  readonly offset: number
}

/** The existing pages of a file and of its write-ahead log, read without SQLite. */
export class PageFile {
  readonly #main: number
  readonly #wal: number | undefined
  readonly #pageBytes: number
  readonly #pagesInMain: number
  readonly #inWal = new Map<number, PagePlace[]>()
  /** The number of pages in the file and in its write-ahead log. */
  readonly pages: number

  /** @throws the error of `node:fs` if the file cannot be read */
  constructor(path: string, pageBytes: number) {
    this.#pageBytes = pageBytes
    this.#main = openSync(path, 'r')
    // The last page may have been cut.
    this.#pagesInMain = Math.ceil(fstatSync(this.#main).size / pageBytes)
    this.#wal = openIfThere(`${path}-wal`)
    const frames = this.#wal === undefined ? [] : readWriteAheadLog(this.#wal, pageBytes).frames
    const committed = frames.slice(0, frames.findLastIndex(({ isCommit }) => isCommit) + 1)
    for (const frame of committed) this.#add(frame)
    this.pages = this.#pagesInMain + committed.length
  }

  /** The numbers of the pages, from 1. */
  *numbers(): Generator<number> {
    for (let page = 1; page <= this.#pagesInMain; page++) yield page
    for (const page of this.#inWal.keys()) if (page > this.#pagesInMain) yield page
  }

  /** The newest apparently intact version, and damaged ones after it, because a damaged one may have been the newest. */
  *versions(page: number): Generator<Buffer> {
    const inWal = this.#inWal.get(page)
    const inMain = { file: this.#main, offset: (page - 1) * this.#pageBytes }
    if (inWal === undefined || this.#beginsDamaged.has(page)) yield this.#read(inMain)
    for (const place of inWal ?? []) yield this.#read(place)
  }

  /** The page as SQLite would read it, unless it is damaged. */
  newest(page: number): Buffer | undefined {
    return [...this.versions(page)].at(-1)
  }

  close(): void {
    closeSync(this.#main)
    if (this.#wal !== undefined) closeSync(this.#wal)
  }

  readonly #beginsDamaged = new Set<number>()

  #add({ page, offset, isWhole }: WalFrame): void {
    const place = { file: this.#wal as number, offset }
    const before = this.#inWal.get(page)
    if (isWhole) {
      this.#inWal.set(page, [place])
      this.#beginsDamaged.delete(page)
    } else if (before !== undefined) {
      before.push(place)
    } else {
      this.#inWal.set(page, [place])
      this.#beginsDamaged.add(page)
    }
  }

  /** If the file was cut, the missing part of the page is zero. */
  #read({ file, offset }: PagePlace): Buffer {
    const bytes = Buffer.alloc(this.#pageBytes)
    readSync(file, bytes, 0, this.#pageBytes, offset)
    return bytes
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
