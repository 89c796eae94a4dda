import { realEnvironment } from '@frameport/iocp-core'
import type { ContractEvent, PayloadOf } from '@frameport/protocol'
import {
  checking,
  describeValue,
  isThenable,
  missingMethods,
  readOnce,
  shapes,
  unknownName,
  wrongKind,
} from '@frameport/protocol/checks'
import type { ParseResult, TopicArguments } from '@frameport/protocol/contract'
import type { SessionEnvironment } from '@frameport/protocol/session'
import { refusal, refuse } from './check-options.ts'
import { loggerOf } from './console-logger.ts'
import { parsedBody, wrongEventOfLog } from './event-log/events-of-logs.ts'
import { isPosition, LogCalls } from './event-log/log-calls.ts'
import { type LogStart, LogTail, type LogTailReader } from './event-log/log-tail.ts'
import type { EventLog, LogEntry, LogPosition } from './event-log.ts'
import { checkTopicOf, topicOf } from './events/event-to-send.ts'
import { serverLimits } from './limits.ts'
import type { Logger } from './logger.ts'

/** The options of {@link followLog}. */
export interface FollowLogOptions<Payload> {
  /**
   * The first event to deliver: the oldest that the log has (`start`), the first one after a position, or the next one
   * (`end`). Default: `end`.
   */
  readonly after?: LogStart | undefined
  /** Called with each event, exactly once and in the order of the log. Its result is not awaited; errors are logged. */
  readonly onEvent: (payload: Payload, position: LogPosition) => void
  /**
   * Called when the log no longer has some events. `events` is their number, 0 if it is unknown. Default: logs a
   * warning.
   */
  readonly onGap?: ((gap: { readonly events: number }) => void) | undefined
  /** The logger. Default: warnings and errors go to the console. `false`: no log. */
  readonly log?: Logger | false | undefined
  /** Clock and timers, for tests. Default: those of the platform. */
  readonly environment?: SessionEnvironment | undefined
}

/** The result of {@link followLog}. */
export interface FollowedLog extends Disposable {
  /**
   * Settles when all events that the log had at the start are delivered, or after `stop()`. It never rejects: while the
   * log is unreachable, it waits. Waiting does not keep the process alive.
   */
  readonly ready: Promise<void>
  /** All events up to this position were delivered. Undefined before the log has answered. */
  readonly position: LogPosition | undefined
  /** Stops following: `onEvent` is no longer called. Idempotent. */
  stop(): void
  /** The same as `stop()`, for `using`. */
  [Symbol.dispose](): void
}

const names = ['after', 'onEvent', 'onGap', 'log', 'environment'] as const
const logShape = {
  what: 'an EventLog with follow, which servers can share',
  methods: ['append', 'after', 'follow'],
}
const loggerShape = { what: 'a Logger or false', methods: ['debug', 'info', 'warn', 'error'] }

/**
 * Delivers every event of a topic that any server appends to a shared log, in the order of the log. So several servers
 * can keep the same state: each of them applies the same events in the same order.
 *
 * @example
 * ```ts
 * const guests = new Map<string, string>()
 * const following = followLog(log, hotel.events.booked, {
 *   after: 'start',
 *   // The first booking of a room wins, on every server.
 *   onEvent: ({ room, guest }) => void (guests.has(room) || guests.set(room, guest)),
 * })
 * await following.ready
 * ```
 *
 * @param log a log with the method `follow`
 * @param args the topic, for an event with topics, then the options
 * @throws ServerError `INVALID_OPTION`; ProtocolError `INVALID_TOPIC`
 */
export function followLog<E extends ContractEvent>(
  log: EventLog,
  event: E,
  ...args: [...topic: TopicArguments<E>, options: FollowLogOptions<PayloadOf<E>>]
): FollowedLog {
  const given: readonly unknown[] = args
  checking(() => {
    refuse(missingMethods('log', log ?? null, logShape))
    refuse(wrongEventOfLog(event, given.length, 'followLog'))
  }, refusal)
  checkTopicOf(event, given)
  const options = checking(() => checked(given[event.topic === undefined ? 0 : 1]), refusal)
  return new FollowedEvents(log, event, topicOf(event, given), options)
}

class FollowedEvents implements FollowedLog, LogTailReader {
  readonly ready: Promise<void>
  readonly #event: ContractEvent
  readonly #options: FollowLogOptions<unknown>
  readonly #log: Logger
  readonly #calls: LogCalls
  readonly #tail: LogTail
  /** Settles when the last event that waits for its schema, or for an earlier event, has been handled. */
  #order: Promise<void> | undefined
  /** The position of the last delivered event. */
  #handed: LogPosition | undefined

  constructor(log: EventLog, event: ContractEvent, topic: string, options: FollowLogOptions<unknown>) {
    this.#event = event
    this.#options = options
    this.#log = loggerOf(options.log)
    const { environment = realEnvironment, after = 'end' } = options
    const { logTimeoutMs, logPageEvents: pageEvents, logPageBytes: pageBytes } = serverLimits
    this.#calls = new LogCalls(environment, logTimeoutMs)
    this.#tail = new LogTail(log, { event: event.wireName, topic }, after, this, {
      environment,
      logCalls: this.#calls,
      pageEvents,
      pageBytes,
      retryMaxMs: logTimeoutMs,
    })
    this.ready = this.#ready()
  }

  get position(): LogPosition | undefined {
    const isAllHandedOver = this.#order === undefined && !this.#tail.isStopped
    return isAllHandedOver ? this.#tail.last : this.#handed
  }

  stop(): void {
    this.#handed = this.position
    this.#tail.stop()
    this.#calls.close()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  bring({ position, body }: LogEntry): void {
    const parsed = parsedBody(this.#event, body)
    if (this.#order === undefined && !(parsed instanceof Promise)) this.#hand(parsed, position)
    else this.#inOrder(async () => this.#hand(await parsed, position))
  }

  gap(events: number): void {
    if (this.#order === undefined) this.#tellGap(events)
    else this.#inOrder(async () => this.#tellGap(events))
  }

  #inOrder(next: () => Promise<void>): void {
    const order = (this.#order ?? Promise.resolve()).then(next).finally(() => {
      if (this.#order === order) this.#order = undefined
    })
    this.#order = order
  }

  #tellGap(events: number): void {
    const { onGap } = this.#options
    if (this.#tail.isStopped) return
    if (onGap === undefined)
      this.#log.warn({ event: this.#event.wireName, events }, 'a followed log no longer has some events')
    else this.#call(() => onGap({ events }))
  }

  failed(err: unknown, text: string): void {
    this.#log.error({ event: this.#event.wireName, err }, text)
  }

  async #ready(): Promise<void> {
    await this.#tail.ready()
    await this.#order
  }

  #hand(parsed: ParseResult<unknown>, position: LogPosition): void {
    if (this.#tail.isStopped) return
    this.#handed = position
    if (parsed.ok) this.#call(() => this.#options.onEvent(parsed.value, position))
    else this.failed(parsed.error, 'an event of a log does not match its schema and was left out')
  }

  #call(callback: () => unknown): void {
    const failed = (err: unknown) => this.failed(err, 'a callback of followLog threw')
    try {
      const answer = callback()
      // The promise of an asynchronous callback is not awaited.
      if (isThenable(answer)) answer.then(undefined, failed)
    } catch (err) {
      failed(err)
    }
  }
}

function checked(given: unknown): FollowLogOptions<unknown> {
  refuse(wrongKind('options', given ?? null, 'object'))
  refuse(unknownName('options', given as object, names))
  const options = readOnce(given as FollowLogOptions<unknown>, names)
  const { after = 'end', onEvent, onGap, log, environment } = options
  refuse(wrongKind('onEvent', onEvent ?? null, 'function'))
  refuse(wrongKind('onGap', onGap, 'function'))
  if (log !== false) refuse(missingMethods('log', log, loggerShape))
  refuse(missingMethods('environment', environment, shapes.environment))
  if (after !== 'end' && after !== 'start' && !isPosition(after))
    throw refusal(`after is ${describeValue(after)}, not 'start', 'end' or a position of a log`)
  return options
}
