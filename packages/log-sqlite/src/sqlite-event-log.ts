import { asyncDispose } from '@frameport/protocol/checks'
import { isSameLog } from '@frameport/protocol/envelope'
import type {
  EventHistory,
  EventToLog,
  HistoryQuery,
  HistoryReading,
  LogEntry,
  LogFollower,
  LogFollowing,
  LoggedTopic,
  LogPlace,
  LogQuery,
  LogReading,
} from '@frameport/server'
import { AppendQueue } from './append-queue.ts'
import { checkEvent, checkFollower, checkQuery, checkTopic } from './check-arguments.ts'
import { Followers } from './followers.ts'
import { LogWorker } from './log-worker.ts'
import type { Answer, PackedEntries, PackedQuery } from './messages.ts'
import { checkOptions, type SqliteEventLogOptions } from './options.ts'
import { encodingOf } from './pack.ts'
import { SqliteLogError } from './sqlite-log-error.ts'
import { errorOf } from './worker-failure.ts'

/** A log in one file. Servers of one process share it: each is given the same one. */
export interface SqliteEventLog extends EventHistory, AsyncDisposable {
  /** Settles once the event is as durable as was asked for. @throws SqliteLogError */
  append(event: EventToLog): Promise<LogPlace>
  /** @throws SqliteLogError */
  after(query: LogQuery): Promise<LogReading>
  /** @throws SqliteLogError */
  before(query: HistoryQuery): Promise<HistoryReading>
  /** Tells of events once they are as durable as was asked for, in the order of their numbers. @throws SqliteLogError */
  follow(topic: LoggedTopic, follower: LogFollower): LogFollowing
  /** Writes what was appended, and gives the file back. Followers are not told. Idempotent. */
  close(): Promise<void>
}

class WorkerLog implements SqliteEventLog {
  readonly #worker: LogWorker
  readonly #id: Uint8Array
  readonly #followers = new Followers()
  readonly #queue: AppendQueue
  #closed: Promise<void> | undefined

  constructor(
    worker: LogWorker,
    id: Uint8Array,
    limits: { readonly waitingBytesMax: number; readonly bytesMax: number },
  ) {
    this.#worker = worker
    this.#id = id
    this.#queue = new AppendQueue(worker, limits, (event, number) =>
      this.#followers.tell(event, { position: this.#position(number), body: event.body }),
    )
    worker.onLost = () => this.#followers.missed()
  }

  async append(event: EventToLog): Promise<LogPlace> {
    checkEvent(event)
    this.#checkOpen()
    const answer = await this.#queue.add(event)
    if (answer === undefined) throw this.#worker.lost
    if ('error' in answer) throw errorOf(answer.error)
    const position = this.#position(answer.number)
    return answer.isRepeat ? { ...position, isRepeat: true } : position
  }

  async after(query: LogQuery): Promise<LogReading> {
    checkQuery(query)
    const answer = await this.#ask('after', query)
    if (answer.kind !== 'read') throw unexpected(answer)
    return {
      entries: this.#entries(answer),
      position: this.#position(answer.end),
      isEnd: answer.isEnd,
      ...(answer.isMissing ? { missed: 0 } : {}),
    }
  }

  async before(query: HistoryQuery): Promise<HistoryReading> {
    checkQuery(query)
    const answer = await this.#ask('before', query)
    if (answer.kind !== 'history') throw unexpected(answer)
    return { entries: this.#entries(answer), isStart: answer.isStart }
  }

  follow(topic: LoggedTopic, follower: LogFollower): LogFollowing {
    checkTopic(topic)
    checkFollower(follower)
    this.#checkOpen()
    return this.#followers.add(topic, follower)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#queue.flush()
    this.#worker.onLost = undefined
    const ended = this.#worker.ended()
    const answer = await new Promise<Answer | undefined>((resolve) => this.#worker.ask('close', {}, resolve))
    await ended
    if (answer?.kind === 'failed') throw errorOf(answer.error)
  }

  async #ask(kind: 'after' | 'before', query: LogQuery | HistoryQuery): Promise<Answer> {
    this.#checkOpen()
    // What was appended before is read, too.
    this.#queue.flush()
    const answer = await new Promise<Answer | undefined>((resolve) =>
      this.#worker.ask(kind, { query: this.#pack(query) }, resolve),
    )
    if (answer === undefined) throw this.#worker.lost
    if (answer.kind === 'failed') throw errorOf(answer.error)
    return answer
  }

  #pack({ event, topic, position, eventsMax, bytesMax }: LogQuery | HistoryQuery): PackedQuery {
    const isForeign = position !== undefined && !isSameLog(position, this.#position(0))
    const number = isForeign ? undefined : position?.number
    return { event, topic, number, isForeign, eventsMax, bytesMax }
  }

  #entries({ entries, bytes }: PackedEntries): LogEntry[] {
    return entries.map(({ number, encoding, offset, length }) => ({
      position: this.#position(number),
      body: { encoding: encodingOf(encoding), bytes: bytes.subarray(offset, offset + length) },
    }))
  }

  #position(number: number): LogPlace {
    return { log: this.#id, number }
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new SqliteLogError('LOG_CLOSED')
  }
}

/**
 * Opens a log in a file, or makes one. All of the file is checked.
 *
 * @throws SqliteLogError `INVALID_OPTION`, `INVALID_LIMITS`, `CANNOT_OPEN`, `FILE_IN_USE`, `FILE_DAMAGED`, `NOT_A_LOG`, `NEWER_FORMAT`, `DISK_FULL`, `IO_FAILED`, `WORKER_FAILED`
 */
export async function sqliteEventLog(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
  const checked = checkOptions(options)
  const worker = new LogWorker(checked)
  const opened = await worker.opened
  return new WorkerLog(worker, opened.log, checked.limits)
}

function unexpected({ kind }: Answer): SqliteLogError {
  return new SqliteLogError('WORKER_FAILED', `The thread sent an unexpected answer, ${kind}.`)
}
