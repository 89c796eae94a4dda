import type { MessagePort } from 'node:worker_threads'
import type {
  EventHistory,
  EventToLog,
  HistoryQuery,
  HistoryReading,
  LogFollower,
  LogFollowing,
  LoggedTopic,
  LogPlace,
  LogQuery,
  LogReading,
} from '../../event-log.ts'
import { ServerError } from '../../server-error.ts'
import { errorOf } from '../carried-errors.ts'
import { type WorkerLimits, workerLimits } from '../limits.ts'
import {
  type LogAnswer,
  type LogCall,
  type LogMessage,
  type LogValue,
  ownBody,
  ownPosition,
} from './log-messages.ts'

interface Pending {
  readonly resolve: (value: LogValue) => void
  readonly reject: (error: Error) => void
}

type Asked = LogCall extends infer Request
  ? Request extends LogCall
    ? Omit<Request, 'id' | 'log'>
    : never
  : never

/** Gives access to the logs of another thread, which has the {@link ServedLogs} at the other end of the port. */
export class WorkerLogs {
  readonly #port: MessagePort
  /** The bytes of followed events that may be taken without being reported. */
  readonly #untoldBytesMax: number
  readonly #pending = new Map<number, Pending>()
  readonly #followers = new Map<number, LogFollower>()
  #lastId = 0
  #takenBytes = 0
  #isClosed = false

  /**
   * @param port one port of a `MessageChannel`; the {@link ServedLogs} of the other thread have the other one
   * @param limits Default: those of `workerLimits`
   */
  constructor(port: MessagePort, limits: Pick<WorkerLimits, 'logBytesMax'> = workerLimits) {
    this.#port = port
    this.#untoldBytesMax = limits.logBytesMax / 8
    port.on('message', (answer: LogAnswer) => this.#arrived(answer))
    port.on('close', () => this.close())
    port.unref()
  }

  /**
   * Returns a log of the other thread. Its methods return promises, which reject with the error of the log, or with
   * ServerError `SERVER_CLOSED` once this object is closed.
   *
   * @param name a name of the `logs` of the {@link ServedLogs}
   */
  log(name: string): EventHistory {
    return {
      append: ({ event, topic, body, id }) =>
        this.#ask(name, {
          kind: 'append',
          event: { event, topic, body: ownBody(body), id } satisfies EventToLog,
        }).answer as Promise<LogPlace>,
      after: (query: LogQuery) =>
        this.#ask(name, { kind: 'after', query: ownQuery(query) }).answer as Promise<LogReading>,
      before: (query: HistoryQuery) =>
        this.#ask(name, { kind: 'before', query: ownQuery(query) }).answer as Promise<HistoryReading>,
      follow: (topic, follower) => this.#follow(name, topic, follower),
    }
  }

  /** Closes the port, and rejects pending requests. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { reject } of this.#pending.values()) reject(ended())
    this.#pending.clear()
    this.#followers.clear()
    this.#port.close()
  }

  #ask(log: string, request: Asked): { readonly id: number; readonly answer: Promise<LogValue> } {
    const id = ++this.#lastId
    const answer = new Promise<LogValue>((resolve, reject) => {
      if (this.#isClosed) return reject(ended())
      this.#pending.set(id, { resolve, reject })
      this.#post({ ...request, id, log })
    })
    return { id, answer }
  }

  #follow(log: string, { event, topic }: LoggedTopic, follower: LogFollower): LogFollowing {
    const { id, answer } = this.#ask(log, { kind: 'follow', topic: { event, topic } })
    this.#followers.set(id, follower)
    const ready = answer.then(() => undefined)
    // The follower may ignore the promise.
    ready.catch(() => undefined)
    return {
      ready,
      stop: () => {
        if (this.#followers.delete(id)) this.#post({ kind: 'stop', following: id })
      },
    }
  }

  #arrived(answer: LogAnswer): void {
    switch (answer.kind) {
      case 'answer':
        this.#take(answer.id)?.resolve(answer.value)
        return
      case 'failed':
        this.#take(answer.id)?.reject(errorOf(answer.error))
        return
      case 'event':
        this.#tell(answer.bytes)
        this.#followers.get(answer.following)?.event(answer.entry, answer.previous)
        return
      case 'missed':
        this.#followers.get(answer.following)?.missed()
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  #tell(bytes: number): void {
    this.#takenBytes += bytes
    if (this.#takenBytes < this.#untoldBytesMax) return
    this.#post({ kind: 'taken', bytes: this.#takenBytes })
    this.#takenBytes = 0
  }

  #post(message: LogMessage): void {
    if (!this.#isClosed) this.#port.postMessage(message)
  }
}

function ownQuery<Query extends LogQuery | HistoryQuery>(query: Query): Query {
  const { event, topic, position, eventsMax, bytesMax } = query
  const own = { event, topic, position: position && ownPosition(position), eventsMax, bytesMax }
  return own as LogQuery as Query
}

function ended(): ServerError {
  return new ServerError(
    'SERVER_CLOSED',
    'the worker has ended, and the log can no longer be reached through it',
  )
}
