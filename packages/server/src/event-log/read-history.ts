import { realEnvironment } from '@frameport/iocp-core'
import type { ContractEvent, PayloadOf } from '@frameport/protocol'
import {
  checking,
  describeValue,
  missingMethods,
  readOnce,
  unknownName,
  wrongKind,
} from '@frameport/protocol/checks'
import type { TopicArguments } from '@frameport/protocol/contract'
import { refusal, refuse } from '../check-options.ts'
import type { EventHistory, LogPosition } from '../event-log.ts'
import { checkTopicOf, topicOf } from '../events/event-to-send.ts'
import { serverLimits } from '../limits.ts'
import { ServerError } from '../server-error.ts'
import { TimedAnswers } from '../timed-answers.ts'
import { parsedBody, wrongEventOfLog } from './events-of-logs.ts'
import { checkedHistory, isPosition } from './log-calls.ts'

/** The options of {@link readHistory}: the part of the history to read. */
export interface HistoryPage {
  /**
   * The reading ends before this position, usually the `start` of the previous page. Default: it ends with the newest
   * event, as for a position of another log.
   */
  readonly before?: LogPosition | undefined
  /** The maximum number of events, at least 1. Default: 50. */
  readonly eventsMax?: number | undefined
  /** The maximum number of bytes of their payloads, at least 1; a single event may be longer. Default: 65,536. */
  readonly bytesMax?: number | undefined
}

/** An event of a history. */
export interface HistoryEvent<Payload> {
  /** The position of the event in the log. */
  readonly position: LogPosition
  /** The validated payload, as a client gets it. */
  readonly payload: Payload
}

/** One page of a history. */
export interface History<Payload> {
  /** The events of the page, oldest first. */
  readonly events: readonly HistoryEvent<Payload>[]
  /**
   * The position of the first event of the page: give it as `before` to read the page before this one. Undefined if the
   * page is empty.
   */
  readonly start: LogPosition | undefined
  /** True if the log has no events of the topic before this page. */
  readonly isStart: boolean
  /**
   * The number of events that were left out because their payload does not match the schema, for example events of an
   * older contract.
   */
  readonly unreadable: number
}

/** A page of one or two screens. */
const defaults = { eventsMax: 50, bytesMax: 64 * 1024 }

const historyShape = {
  what: 'an EventHistory, a log that can be read backwards',
  methods: ['append', 'after', 'before'],
}

/**
 * Reads the events of a topic backwards, page by page, for a history that a user scrolls through.
 *
 * @example
 * ```ts
 * const newest = await readHistory(log, chat.events.line, { room }, { eventsMax: 50 })
 * const older = await readHistory(log, chat.events.line, { room }, { before: newest.start })
 * ```
 *
 * @param args the topic, for an event with topics, then the options
 * @throws ServerError `INVALID_OPTION`; `LOG_FAILED` if the log fails, returns an invalid answer, or takes longer than
 *   5 s; ProtocolError `INVALID_TOPIC`. All of them are rejections
 */
export async function readHistory<E extends ContractEvent>(
  log: EventHistory,
  event: E,
  ...args: [...topic: TopicArguments<E>, page?: HistoryPage]
): Promise<History<PayloadOf<E>>> {
  const given: readonly unknown[] = args
  checking(() => {
    refuse(missingMethods('log', log ?? null, historyShape))
    refuse(wrongEventOfLog(event, given.length, 'readHistory'))
  }, refusal)
  checkTopicOf(event, given)
  const { before: position, ...bounds } = checkedPage(given[event.topic === undefined ? 0 : 1])
  const query = { event: event.wireName, topic: topicOf(event, given), position, ...bounds }
  const { entries, isStart } = await asked(log, query)
  const events: HistoryEvent<PayloadOf<E>>[] = []
  for (const { position: at, body } of entries) {
    const parsed = await parsedBody(event, body)
    if (parsed.ok) events.push({ position: at, payload: parsed.value as PayloadOf<E> })
  }
  return { events, start: entries[0]?.position, isStart, unreadable: entries.length - events.length }
}

async function asked(log: EventHistory, query: Parameters<EventHistory['before']>[0]) {
  const { logTimeoutMs } = serverLimits
  const late = () =>
    new ServerError('LOG_FAILED', `before of the log did not settle within ${logTimeoutMs} ms`)
  try {
    const answer = (async () => log.before(query))()
    return checkedHistory(await new TimedAnswers(realEnvironment, logTimeoutMs).wait(answer, late))
  } catch (cause) {
    throw ServerError.is(cause) ? cause : new ServerError('LOG_FAILED', 'before of the log failed', { cause })
  }
}

function checkedPage(given: unknown): HistoryPage & typeof defaults {
  return checking(() => {
    const names: readonly (keyof HistoryPage)[] = ['before', 'eventsMax', 'bytesMax']
    refuse(wrongKind('page', given, 'object'))
    refuse(unknownName('page', given ?? {}, names))
    const page = readOnce((given ?? {}) as HistoryPage, names)
    const { before, eventsMax = defaults.eventsMax, bytesMax = defaults.bytesMax } = page
    for (const [name, value] of Object.entries({ eventsMax, bytesMax }))
      if (!Number.isSafeInteger(value) || value < 1)
        throw refusal(`${name} is ${describeValue(value)}, not a positive integer`)
    if (before !== undefined && !isPosition(before))
      throw refusal('before is not a position of a log: give the start of the previous page')
    return { before, eventsMax, bytesMax }
  }, refusal)
}
