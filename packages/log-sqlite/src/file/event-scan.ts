import { pageBytes, type StoredEvent } from '../event-format.ts'
import { eventRows } from './event-rows.ts'
import { PageFile } from './page-file.ts'

/** The position of an intact event. */
export interface FoundEvent {
  readonly number: number
  readonly page: number
}

/** Finds events in a file without SQLite, however damaged it is. The checksum of a row shows whether it is intact. */
export class EventScan {
  readonly #file: PageFile
  /** The number of damaged rows of events. */
  rowsDamaged = 0

  /** @throws the error of `node:fs` if the file cannot be read */
  constructor(path: string) {
    this.#file = new PageFile(path, pageBytes)
  }

  get pages(): number {
    return this.#file.pages
  }

  /** Yields events in the order of the file. An event that is in the file twice is yielded twice. */
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

  /** Reads a found event again. */
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

/** Whether a file contains any part of a log. */
export function holdsEvents(path: string): boolean {
  const scan = new EventScan(path)
  try {
    const first = scan.find().next()
    return first.done !== true || scan.rowsDamaged > 0
  } finally {
    scan.close()
  }
}
