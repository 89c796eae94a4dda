import { type Client, safe } from '@frameport/client'
import type { chat, HistoryPage, LinePlace } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { nameKey } from '../text-rules.ts'
import { type LineEntry, lineEntries } from './entry.ts'
import type { CallFailure } from './failures.ts'
import type { CallResult } from './patient-calls.ts'

/** Lines of the room before those that are shown, oldest first. */
interface OlderPage {
  readonly lines: readonly LineEntry[]
  /** The server has nothing before them. */
  readonly isStart: boolean
}

export type OlderAnswer = OlderPage | { readonly fault: string }

export interface OlderLinesOptions {
  readonly client: { readonly rooms: Pick<Client<typeof chat>['rooms'], 'history'> }
  /** The room of the member. */
  readonly room: () => string
  /** Makes a call when the member is present, and again when it was lost. */
  readonly make: <Data>(call: () => Promise<CallResult<Data>>) => Promise<CallResult<Data>>
  readonly sentenceOf: (failure: CallFailure) => string
}

const nothingOlder: OlderPage = { lines: [], isStart: true }

/** Reads the history of the room of a member backwards, page by page. */
export class OlderLines {
  readonly #options: OlderLinesOptions
  /** The oldest line that was read; undefined if the room has no lines. */
  #oldest: LinePlace | undefined
  /** There is nothing before it. */
  #isStart = true

  constructor(options: OlderLinesOptions) {
    this.#options = options
  }

  /** The member has entered a room, and has read these lines of it. */
  isIn(history: Pick<HistoryPage, 'log' | 'lines' | 'isStart'>): void {
    this.#read(history)
    if (history.lines.length === 0) this.#oldest = undefined
  }

  /** @param before the oldest line that is shown. Default: the oldest one that was read */
  async read(before = this.#oldest): Promise<OlderAnswer> {
    const oldest = this.#oldest
    if (before === undefined || oldest === undefined || before.log !== oldest.log) return nothingOlder
    if (this.#isStart && before.number <= oldest.number) return nothingOlder
    const { client, room, make, sentenceOf } = this.#options
    const roomKey = nameKey(room())
    const options = { deadlineMs: limits.callDeadlineMs }
    const page = await make(() => safe(client.rooms.history({ before }, options)))
    if (!page.ok) return { fault: sentenceOf(page.error) }
    // The answer may belong to another room, or to a different log.
    if (nameKey(room()) !== roomKey || page.data.log !== before.log) return { lines: [], isStart: false }
    if (before.number <= oldest.number) this.#read(page.data)
    return { lines: lineEntries(page.data, true), isStart: page.data.isStart }
  }

  #read({ log, lines, isStart }: Pick<HistoryPage, 'log' | 'lines' | 'isStart'>): void {
    const [first] = lines
    if (first !== undefined) this.#oldest = { log, number: first.number }
    this.#isStart = isStart
  }
}
