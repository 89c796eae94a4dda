import { pageBytes, type StoredEvent } from '../event-format.ts'
import { eventRows } from './event-rows.ts'
import { PageFile } from './page-file.ts'

/** Where a whole event was found. */
export interface FoundEvent {
  readonly number: number
  readonly page: number
}

/** Finds events in a file without SQLite, however damaged it is. Rows know by their checksums whether they are whole. */
export class EventScan {
  readonly #file: PageFile
  /** Rows of events that are not whole. */
  rowsDamaged = 0

  /** @throws what `node:fs` throws when the file cannot be read */
  constructor(path: string) {
    this.#file = new PageFile(path, pageBytes)
  }

  get pages(): number {
    return this.#file.pages
  }

  /** In the order in which they stand in the file. One that stands there twice is found twice. */
  *find(): Generator<FoundEvent> {
    for (const page of this.#file.numbers()) {
      for (const version of this.#file.versions(page)) {
        for (const { event } of eventRows(version, (overflow) => this.#file.newest(overflow))) {
          if (event === undefined) this.rowsDamaged += 1
          else yield { number: event.number, page }
        }
      }
    }
  }

  /** Reads one again that was found. */
  read({ number, page }: FoundEvent): StoredEvent | undefined {
    for (const version of this.#file.versions(page)) {
      for (const { event } of eventRows(version, (overflow) => this.#file.newest(overflow))) {
        if (event?.number === number) return event
      }
    }
    return undefined
  }

  close(): void {
    this.#file.close()
  }
}

/** Whether a file has anything of a log. */
export function holdsEvents(path: string): boolean {
  const scan = new EventScan(path)
  try {
    const first = scan.find().next()
    return first.done !== true || scan.rowsDamaged > 0
  } finally {
    scan.close()
  }
}
