import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { realEnvironment } from '@frameport/iocp-core'
import type { SessionTimer } from '@frameport/protocol/session'
import { ServerError } from '../server-error.ts'
import { interestMemory } from './bus/interest-table.ts'
import { ServedLogs } from './log/served-logs.ts'
import {
  type FromWorker,
  type Neighbour,
  type ToWorker,
  type WorkerCloseOptions,
  type WorkerCounters,
  type WorkerStart,
  workerDataName,
} from './messages.ts'
import type { PoolOptions } from './pool-options.ts'

/** The methods of the pool that one thread calls. */
export interface PoolWorkerOwner {
  /** Called when the worker should listen on port 0. */
  addressFor(key: string, worker: PoolWorker, answer: (url: string | undefined) => void): void
  chose(key: string, url: string | undefined): void
  isAlone(reason: string): void
  listening(worker: PoolWorker, urls: readonly string[]): void
  /** Called when its thread has ended. */
  exited(worker: PoolWorker, error: Error): void
}

export interface PoolWorkerOptions {
  readonly url: URL
  readonly index: number
  readonly serial: number
  readonly isFirst: boolean
  readonly pool: PoolOptions
}

/** One thread of a pool, as the main thread sees it. */
export class PoolWorker {
  readonly index: number
  readonly serial: number
  /** Kept after the thread has ended, when Node.js changes it to -1. */
  readonly threadId: number
  readonly interests = interestMemory()
  readonly startedAtMs = realEnvironment.nowMs()
  readonly #options: PoolWorkerOptions
  readonly #owner: PoolWorkerOwner
  readonly #control: MessagePort
  readonly #logs: ServedLogs
  readonly #thread: Worker
  readonly #stats = new Map<number, (stats: WorkerCounters | undefined) => void>()
  #lastId = 0
  #timer: SessionTimer | undefined
  #error: Error | undefined
  #settleStarted: ((error?: Error) => void) | undefined
  #settleGone: (() => void) | undefined
  state: 'starting' | 'listening' | 'closing' | 'gone' = 'starting'
  /** Settles when the worker listens. */
  readonly started: Promise<void>
  /** Settles when the thread has ended. */
  readonly gone: Promise<void>

  /** @param others the running workers: each gets a port to this one */
  constructor(options: PoolWorkerOptions, others: Iterable<PoolWorker>, owner: PoolWorkerOwner) {
    const { url, index, serial, pool } = options
    this.index = index
    this.serial = serial
    this.#options = options
    this.#owner = owner
    this.started = new Promise((resolve, reject) => {
      this.#settleStarted = (error) => (error === undefined ? resolve() : reject(error))
    })
    // Code that closes the pool meanwhile does not wait for it.
    this.started.catch(() => undefined)
    this.gone = new Promise((resolve) => {
      this.#settleGone = resolve
    })
    const control = new MessageChannel()
    const logs = new MessageChannel()
    this.#control = control.port1
    this.#control.on('message', (message: FromWorker) => this.#said(message))
    this.#control.unref()
    this.#logs = new ServedLogs(pool.logs, logs.port1, pool.limits)
    const neighbours = [...others].map((other) => this.#meet(other))
    const start: WorkerStart = {
      index,
      serial,
      isFirst: options.isFirst,
      limits: pool.limits,
      data: pool.data,
      control: control.port2,
      logs: logs.port2,
      logNames: Object.keys(pool.logs),
      interests: this.interests,
      neighbours,
    }
    this.#thread = this.#run(url, start)
    this.threadId = this.#thread.threadId
    this.#timer = realEnvironment.setTimer(pool.limits.startTimeoutMs, () =>
      this.#giveUp(`the worker did not listen within ${pool.limits.startTimeoutMs} ms`),
    )
  }

  /** The reason why the thread ended. */
  get error(): Error | undefined {
    return this.state === 'gone' ? this.#error : undefined
  }

  /** Undefined if the worker does not answer in time. */
  stats(): Promise<WorkerCounters | undefined> {
    if (this.state !== 'listening' && this.state !== 'closing') return Promise.resolve(undefined)
    const id = ++this.#lastId
    return new Promise((resolve) => {
      const answered = (stats?: WorkerCounters) => {
        timer.cancel()
        this.#stats.delete(id)
        resolve(stats)
      }
      const timer = realEnvironment.setTimer(this.#options.pool.limits.statsTimeoutMs, () => answered())
      this.#stats.set(id, answered)
      this.tell({ kind: 'stats', id })
    })
  }

  /** A repeated call can only shorten the wait. @returns a promise that settles when the thread has ended */
  close(options: WorkerCloseOptions, othersServe = false): Promise<void> {
    if (this.state === 'gone') return this.gone
    // It does not serve yet.
    if (this.state === 'starting') void this.#thread.terminate()
    else {
      this.tell({ kind: 'close', options, othersServe })
      if (this.state === 'listening') this.#watchEnd(this.#options.pool.limits.silentMs)
    }
    this.state = 'closing'
    return this.gone
  }

  tell(message: ToWorker, ports: readonly MessagePort[] = []): void {
    this.#control.postMessage(message, [...ports])
  }

  #run(url: URL, start: WorkerStart): Worker {
    const { index, pool } = this.#options
    const { execArgv, env, resourceLimits } = pool
    const thread = new Worker(url, {
      name: `worker ${index}`,
      workerData: { [workerDataName]: start },
      transferList: [
        start.control,
        start.logs,
        ...start.neighbours.flatMap(({ bus, handOver }) => [bus, handOver]),
      ],
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
      ...(env === undefined ? {} : { env: { ...env } as NodeJS.Dict<string> }),
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    })
    thread.on('error', (error: unknown) => {
      this.#error =
        error instanceof Error
          ? error
          : new Error(`the worker threw a value that is not an error: ${String(error)}`)
    })
    thread.on('exit', (code) => this.#exited(code))
    return thread
  }

  /** Creates two channels between two workers: a flood of events must not delay a session that is handed over. */
  #meet(other: PoolWorker): Neighbour {
    const bus = new MessageChannel()
    const handOver = new MessageChannel()
    const { index, serial, interests } = this
    other.tell(
      {
        kind: 'neighbour',
        neighbour: { index, serial, interests, bus: bus.port2, handOver: handOver.port2 },
      },
      [bus.port2, handOver.port2],
    )
    return {
      index: other.index,
      serial: other.serial,
      interests: other.interests,
      bus: bus.port1,
      handOver: handOver.port1,
    }
  }

  #said(message: FromWorker): void {
    switch (message.kind) {
      case 'address':
        this.#owner.addressFor(message.key, this, (url) =>
          this.tell({ kind: 'address', id: message.id, url }),
        )
        break
      case 'chosen':
        this.#owner.chose(message.key, message.url)
        break
      case 'alone':
        this.#owner.isAlone(message.reason)
        break
      case 'listening':
        this.#listens(message.urls)
        break
      case 'stats':
        this.#stats.get(message.id)?.(message.stats)
        break
      case 'closing':
        this.#watchEnd(this.#options.pool.limits.silentMs)
        break
      case 'closed':
        this.#watchEnd(this.#options.pool.limits.exitTimeoutMs)
        break
    }
  }

  #listens(urls: readonly string[]): void {
    this.#owner.listening(this, urls)
    if (this.state !== 'starting') return
    this.state = 'listening'
    this.#timer?.cancel()
    this.#settleStarted?.()
  }

  #watchEnd(ms: number): void {
    this.#timer?.cancel()
    this.#timer = realEnvironment.setTimer(ms, () =>
      this.#giveUp(`the worker did not end within ${ms} ms of its last message`),
    )
  }

  #giveUp(why: string): void {
    const { log } = this.#options.pool
    log.warn({ worker: this.index }, `terminating a worker: ${why}`)
    this.#error ??= new Error(why)
    void this.#thread.terminate()
  }

  #exited(code: number): void {
    const wasStarting = this.state === 'starting'
    this.state = 'gone'
    this.#timer?.cancel()
    this.#control.close()
    this.#logs.close()
    for (const answer of [...this.#stats.values()]) answer(undefined)
    const cause = this.#error ?? new Error(`the thread ended with exit code ${code}`)
    const what = wasStarting ? `worker ${this.index} could not start` : `worker ${this.index} died`
    const error = new ServerError('WORKER_FAILED', `${what}: ${cause.message}`, { cause })
    this.#error = error
    this.#settleStarted?.(error)
    this.#settleGone?.()
    this.#owner.exited(this, error)
  }
}
