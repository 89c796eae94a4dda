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

/** Which part of a history is read. */
export interface HistoryPage {
  /** What came before this position is read. Undefined: the newest events. One of another log: the newest, too. */
  readonly before?: LogPosition | undefined
  /** Events at most. Default 50. */
  readonly eventsMax?: number | undefined
  /** Bytes of their payloads at most; one event may be longer. Default 64 KiB. */
  readonly bytesMax?: number | undefined
}

/** An event of a history, with its payload as a client gets it. */
export interface HistoryEvent<Payload> {
  readonly position: LogPosition
  readonly payload: Payload
}

/** A part of a history. */
export interface History<Payload> {
  /** Oldest first. */
  readonly events: readonly HistoryEvent<Payload>[]
  /** Where the part begins that was read: what comes before it is the next page. Undefined when nothing was read. */
  readonly start: LogPosition | undefined
  /** The log has nothing of the topic before this part. */
  readonly isStart: boolean
  /** Events of this part whose payload the schema refuses: those of an older contract, for example. They are left out. */
  readonly unreadable: number
}

/** A page of a screen or two. */
const defaults = { eventsMax: 50, bytesMax: 64 * 1024 }

const historyShape = {
  what: 'a log that is read backwards (EventHistory)',
  methods: ['append', 'after', 'before'],
}

/**
 * Reads the events of a topic backwards, page by page, as somebody needs them who scrolls up:
 *
 * ```ts
 * const newest = await readHistory(log, chat.events.line, { room }, { eventsMax: 50 })
 * const older = await readHistory(log, chat.events.line, { room }, { before: newest.start })
 * ```
 *
 * Rejects with ServerError `INVALID_OPTION`; `LOG_FAILED` when the log fails, gives what cannot be, or takes longer than 5 s; ProtocolError `INVALID_TOPIC`.
 *
 * @param args the topic, for an event with topics, and the part that is wanted
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
