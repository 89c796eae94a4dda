import { topicKey } from '@frameport/protocol/contract'
import {
  type EventHistory,
  type EventLogOption,
  type LogPosition,
  readHistory,
  type Server,
} from '@frameport/server'
import type { Logger } from 'pino'
import { chat, type HistoryPage, type Line, type LinePlace } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { logIdText, positionOf } from '../line-places.ts'

/**
 * The lines of all rooms: published through the server, kept in a log, and read page by page. Servers that share the
 * log share the lines.
 */
export class RoomLines {
  readonly #log: EventHistory
  readonly #logger: Pick<Logger, 'error'>
  readonly #isAway: () => boolean

  /** @param isAway returns true while the log cannot be reached. Default: always false */
  constructor(log: EventHistory, logger: Pick<Logger, 'error'>, isAway: () => boolean = () => false) {
    this.#log = log
    this.#logger = logger
    this.#isAway = isAway
  }

  /** The option with which a server keeps the lines. */
  get eventLogs(): readonly EventLogOption[] {
    return [{ log: this.#log, events: [chat.events.line] }]
  }

  /**
   * Publishes a line to everybody in a room.
   *
   * @param id identifies the line in its room, so that a line that comes again is kept and published only once
   * @returns the number of the line; undefined if the log has not accepted it
   */
  async say(
    server: Pick<Server, 'publish'>,
    roomKey: string,
    line: Line,
    id: string | undefined,
  ): Promise<number | undefined> {
    // The unreachable log is logged once elsewhere, and not for each line and attempt.
    if (this.#isAway()) return undefined
    try {
      const publication = server.publish(chat.events.line, { room: roomKey }, line, { id })
      await publication
      return publication.position?.number
    } catch (err) {
      this.#logger.error({ err }, 'a line could not be kept, and was not published')
      return undefined
    }
  }

  /**
   * The newest lines of a room, or those before a place.
   *
   * @throws ServerError `LOG_FAILED`
   */
  async page(roomKey: string, before: LinePlace | undefined): Promise<HistoryPage> {
    const topic = { room: roomKey }
    let position = before && positionOf(before)
    for (;;) {
      const page = await readHistory(this.#log, chat.events.line, topic, { before: position, ...pageMax })
      const { events, start, isStart } = page
      // Lines of an older chat with different rules may be unreadable. They do not end the history.
      if (events.length === 0 && !isStart && start !== undefined) {
        position = start
        continue
      }
      const lines = events.map(({ payload: line, position: { number } }) => ({ number, line }))
      const { log } = events[0]?.position ?? (await this.#end(topic))
      return { log: logIdText(log), lines, isStart }
    }
  }

  /** Where the log ends now. */
  async #end(topic: { readonly room: string }): Promise<LogPosition> {
    const { line } = chat.events
    const asked = { event: line.wireName, topic: topicKey(line, topic) }
    const query = { ...asked, position: undefined, eventsMax: 1, bytesMax: 1 }
    return (await this.#log.after(query)).position
  }
}

/** Fifty of the longest lines. */
const pageMax = { eventsMax: limits.historyLinesMax, bytesMax: 256 * 1024 } as const
