import type { MessagePort } from 'node:worker_threads'
import type { EventHistory, EventLog, LogEntry, LogFollowing, LoggedTopic } from '../../event-log.ts'
import { ServerError } from '../../server-error.ts'
import { errorFactsOf } from '../carried-errors.ts'
import { type WorkerLimits, workerLimits } from '../limits.ts'
import {
  type LogAnswer,
  type LogCall,
  type LogMessage,
  type LogValue,
  ownEntry,
  ownPosition,
} from './log-messages.ts'

/** Logs of the main thread that workers can use, by name. */
export type SharedLogs = Readonly<Record<string, EventLog>>

/** The memory that an event counts in addition to its bytes. */
const overheadBytes = 256

interface Followed {
  readonly stop: () => void
  /** True if the worker must read the log after it has taken the events on their way. */
  hasMissed: boolean
}

/**
 * Lets another thread use the logs of this thread. A pool of `startWorkers` creates one for each worker; create one
 * yourself for a thread that you start yourself, which needs {@link WorkerLogs}.
 *
 * @example
 * ```ts
 * const { port1, port2 } = new MessageChannel()
 * const served = new ServedLogs({ chat: memoryEventLog() }, port1)
 * // Send `port2` to the other thread.
 * ```
 */
export class ServedLogs {
  readonly #logs: SharedLogs
  readonly #port: MessagePort
  readonly #bytesMax: number
  readonly #followed = new Map<number, Followed>()
  /** The bytes of followed events that the worker has not taken. */
  #inFlightBytes = 0
  #isClosed = false

  /**
   * @param logs the logs, by the names that the other thread uses
   * @param port one port of a `MessageChannel`; the {@link WorkerLogs} of the other thread have the other one
   * @param limits Default: those of `workerLimits`
   */
  constructor(logs: SharedLogs, port: MessagePort, limits: Pick<WorkerLimits, 'logBytesMax'> = workerLimits) {
    this.#logs = logs
    this.#port = port
    this.#bytesMax = limits.logBytesMax
    port.on('message', (message: LogMessage) => this.#arrived(message))
    port.on('close', () => this.close())
    port.unref()
  }

  /** Stops following logs for the other thread, and closes the port. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { stop } of this.#followed.values()) stop()
    this.#followed.clear()
    this.#port.close()
  }

  #arrived(message: LogMessage): void {
    if (message.kind === 'taken') this.#taken(message.bytes)
    else if (message.kind === 'stop') this.#stop(message.following)
    else void this.#answer(message)
  }

  async #answer(request: LogCall): Promise<void> {
    const { id } = request
    try {
      this.#post({ kind: 'answer', id, value: await this.#ask(request) })
    } catch (error) {
      this.#post({ kind: 'failed', id, error: errorFactsOf(error) })
    }
  }

  async #ask(request: LogCall): Promise<LogValue> {
    const log = this.#logs[request.log] as EventLog & Partial<EventHistory>
    switch (request.kind) {
      case 'append':
        return ownPosition(await log.append(request.event))
      case 'after': {
        const reading = await log.after(request.query)
        const { entries, position } = reading
        return { ...reading, entries: entries.map(ownEntry), position: ownPosition(position) }
      }
      case 'before': {
        if (log.before === undefined)
          throw new ServerError(
            'INVALID_OPTION',
            `the log ${request.log} has no method before, so it cannot be read backwards`,
          )
        const reading = await log.before(request.query)
        return { ...reading, entries: reading.entries.map(ownEntry) }
      }
      case 'follow':
        await this.#follow(log, request.topic, request.id)
        return undefined
    }
  }

  #follow(log: EventLog, topic: LoggedTopic, id: number): PromiseLike<void> | undefined {
    const followed: Followed = { stop: () => following?.stop(), hasMissed: false }
    this.#followed.set(id, followed)
    const following: LogFollowing | undefined = log.follow?.(topic, {
      event: (entry, previous) => this.#event(id, followed, entry, previous),
      missed: () => this.#missed(id, followed),
    })
    return following?.ready
  }

  #event(following: number, followed: Followed, entry: LogEntry, previous: number | undefined): void {
    const bytes = entry.body.bytes.length + overheadBytes
    if (followed.hasMissed || (this.#inFlightBytes > 0 && this.#inFlightBytes + bytes > this.#bytesMax)) {
      followed.hasMissed = true
      return
    }
    this.#inFlightBytes += bytes
    this.#post({ kind: 'event', following, entry: ownEntry(entry), previous, bytes })
  }

  #missed(following: number, followed: Followed): void {
    if (!followed.hasMissed) this.#post({ kind: 'missed', following })
  }

  /** Lets followers that missed events read the log, once there is room again. */
  #taken(bytes: number): void {
    this.#inFlightBytes -= bytes
    if (this.#inFlightBytes > this.#bytesMax / 2) return
    for (const [following, followed] of this.#followed) {
      if (!followed.hasMissed) continue
      followed.hasMissed = false
      this.#post({ kind: 'missed', following })
    }
  }

  #stop(following: number): void {
    this.#followed.get(following)?.stop()
    this.#followed.delete(following)
  }

  #post(answer: LogAnswer): void {
    if (!this.#isClosed) this.#port.postMessage(answer)
  }
}
