import { callReporting, reportUncaught } from '@frameport/framing/checks'
import { asyncDispose } from '@frameport/protocol/checks'
import type { SessionTimer } from '@frameport/protocol/session'
import { checkServerCloseOptions } from '../check-options.ts'
import { ServerError } from '../server-error.ts'
import type { WorkerCloseOptions } from './messages.ts'
import type { PoolOptions } from './pool-options.ts'
import type { PoolStats, WorkerFacts, WorkerPool } from './pool-types.ts'
import { PoolWorker, type PoolWorkerOwner } from './pool-worker.ts'
import { RestartDelays } from './restart-delays.ts'
import { SharedAddresses } from './shared-addresses.ts'
import { sumStats } from './sum-stats.ts'

/** The place of one worker in the pool. */
interface Place {
  readonly index: number
  /** Undefined while a worker that died has no successor. */
  worker: PoolWorker | undefined
  restarts: number
  readonly delays: RestartDelays
  timer: SessionTimer | undefined
}

export class ThreadPool implements WorkerPool, PoolWorkerOwner {
  readonly #url: URL
  readonly #options: PoolOptions
  readonly #places: Place[] = []
  /** All threads, including those that are leaving and those that will take a place. */
  readonly #threads = new Set<PoolWorker>()
  readonly #addresses = new SharedAddresses()
  #urls: readonly string[] = []
  #lastSerial = 0
  /** The first worker listens, so it is known whether workers can share a port. */
  #hasFirst = false
  /** Workers that die are started again. */
  #isUp = false
  #alone: string | undefined
  #closing: Promise<void> | undefined
  #restarting: Promise<void> | undefined
  #failure: Error | undefined
  #settleClosed: (() => void) | undefined
  readonly #end = new Promise<void>((resolve) => {
    this.#settleClosed = resolve
  })

  constructor(url: URL, options: PoolOptions) {
    this.#url = url
    this.#options = options
  }

  get url(): string {
    return this.#urls[0] as string
  }

  get urls(): readonly string[] {
    return this.#urls
  }

  get alone(): string | undefined {
    return this.#alone
  }

  get workers(): readonly WorkerFacts[] {
    return this.#places.map(({ index, worker, restarts }) => ({
      index,
      threadId: worker?.threadId,
      state: worker?.state ?? 'gone',
      restarts,
    }))
  }

  /**
   * Starts the first worker alone: it finds out whether workers can share the port.
   *
   * @throws ServerError `WORKER_FAILED`
   */
  async start(): Promise<void> {
    try {
      await this.#take(this.#newPlace())
      const wanted = this.#alone === undefined ? this.#options.workers : 1
      this.#hasFirst = true
      await Promise.all(Array.from({ length: wanted - 1 }, () => this.#take(this.#newPlace())))
    } catch (error) {
      await this.close({ graceMs: 0 })
      throw error
    }
    this.#isUp = true
    // Workers may have died while others started.
    for (const { worker } of this.#places) if (worker?.error !== undefined) this.exited(worker, worker.error)
    const { log } = this.#options
    const facts = { workers: this.#places.length, urls: this.#urls.join(' ') }
    log.info(facts, 'the workers listen')
    if (this.#alone !== undefined && this.#options.workers > 1)
      log.warn(
        { asked: this.#options.workers, reason: this.#alone },
        'only one worker serves, because several cannot listen on the same port here',
      )
  }

  async stats(): Promise<PoolStats> {
    const figures = await Promise.all(
      [...this.#threads].map(async (worker) => ({ worker, figures: await worker.stats() })),
    )
    const workers = figures.map(({ worker: { index, threadId, state }, figures }) => ({
      index,
      threadId,
      state,
      relayed: figures?.relayed,
      server: figures?.server,
    }))
    const servers = workers.map(({ server }) => server).filter((server) => server !== undefined)
    return { ...sumStats(servers), workers }
  }

  restart(given: WorkerCloseOptions = {}): Promise<void> {
    try {
      const options = checkServerCloseOptions(given)
      if (this.#closing !== undefined) throw new ServerError('SERVER_CLOSED', 'the pool of workers')
      this.#restarting ??= this.#restartAll(options).finally(() => {
        this.#restarting = undefined
      })
      return this.#restarting
    } catch (error) {
      return Promise.reject(error)
    }
  }

  close(given: WorkerCloseOptions = {}): Promise<void> {
    try {
      const options = checkServerCloseOptions(given)
      const ended = [...this.#threads].map((worker) => worker.close(options))
      this.#closing ??= this.#close(ended)
      return this.#closing
    } catch (error) {
      return Promise.reject(error)
    }
  }

  [asyncDispose](): Promise<void> {
    return this.close()
  }

  async closed(): Promise<Error | undefined> {
    await this.#end
    return this.#failure
  }

  addressFor(key: string, { serial }: PoolWorker, answer: (url: string | undefined) => void): void {
    this.#addresses.ask(key, { worker: serial, answer })
  }

  chose(key: string, url: string | undefined): void {
    this.#addresses.chose(key, url)
  }

  isAlone(reason: string): void {
    this.#alone = reason
  }

  listening(worker: PoolWorker, urls: readonly string[]): void {
    this.#options.log.info({ worker: worker.index, urls: urls.join(' ') }, 'a worker listens')
    this.#urls = [...new Set([...this.#urls, ...urls])]
  }

  exited(worker: PoolWorker, error: Error): void {
    this.#threads.delete(worker)
    this.#addresses.gone(worker.serial)
    const place = this.#places[worker.index]
    // It should have replaced a worker that continues, or it already had a successor.
    if (place?.worker !== worker || this.#closing !== undefined || !this.#isUp) return
    place.worker = undefined
    this.#lost(place, worker, error)
  }

  #newPlace(): Place {
    const place: Place = {
      index: this.#places.length,
      worker: undefined,
      restarts: 0,
      delays: new RestartDelays(this.#options.limits),
      timer: undefined,
    }
    this.#places.push(place)
    return place
  }

  #spawn(index: number): PoolWorker {
    const worker = new PoolWorker(
      {
        url: this.#url,
        index,
        serial: ++this.#lastSerial,
        isFirst: !this.#hasFirst || this.#alone !== undefined,
        pool: this.#options,
      },
      this.#threads,
      this,
    )
    this.#threads.add(worker)
    return worker
  }

  /** Starts a worker for an empty place. */
  async #take(place: Place): Promise<void> {
    const worker = this.#spawn(place.index)
    place.worker = worker
    await worker.started
    this.#serves(place, worker)
  }

  #serves(place: Place, { threadId }: PoolWorker): void {
    const { index, restarts } = place
    place.delays.began()
    callReporting(() => this.#options.onWorkerStarted?.({ index, threadId, restarts }), reportUncaught)
  }

  #lost(place: Place, worker: PoolWorker, error: Error): void {
    const { log, limits } = this.#options
    const { index } = place
    const failedStarts = place.delays.ended()
    const othersServe = this.#places.some((other) => other.worker?.state === 'listening')
    const isLast = !othersServe && failedStarts > limits.failedStartsMax
    const restartInMs = isLast ? undefined : place.delays.next()
    log.error({ worker: index, threadId: worker.threadId, restartInMs, err: error }, 'a worker is lost')
    callReporting(() => this.#options.onWorkerLost?.({ index, error, restartInMs }), reportUncaught)
    if (restartInMs === undefined) {
      this.#fail(error)
      return
    }
    // The timer keeps the process alive, because the pool must continue to serve.
    const timer = setTimeout(() => this.#again(place), restartInMs)
    place.timer = { cancel: () => clearTimeout(timer) }
  }

  #again(place: Place): void {
    place.timer = undefined
    if (this.#closing !== undefined) return
    place.restarts += 1
    // `exited` handles the failure as well.
    this.#take(place).catch(() => undefined)
  }

  #fail(error: Error): void {
    this.#failure = error
    this.#options.log.error({ err: error }, 'workers cannot start any more: closing the pool')
    void this.close({ graceMs: 0 })
  }

  async #restartAll(options: WorkerCloseOptions): Promise<void> {
    for (const place of this.#places) {
      if (this.#closing !== undefined) throw new ServerError('SERVER_CLOSED', 'the pool of workers')
      await this.#replace(place, options)
    }
  }

  async #replace(place: Place, options: WorkerCloseOptions): Promise<void> {
    const before = place.worker
    // The place is empty, and a new worker will start soon.
    if (before === undefined) return
    const isAlone = this.#alone !== undefined
    if (isAlone) {
      place.worker = undefined
      await before.close(options)
    }
    const worker = this.#spawn(place.index)
    if (isAlone) place.worker = worker
    await worker.started
    if (this.#closing !== undefined) throw new ServerError('SERVER_CLOSED', 'the pool of workers')
    if (!isAlone && place.worker !== before) {
      // The old worker died meanwhile, and has or will have a successor.
      if (place.worker !== undefined) return worker.close({ graceMs: 0 }, true)
      place.timer?.cancel()
    }
    place.worker = worker
    place.restarts += 1
    this.#serves(place, worker)
    await before.close(options, !isAlone)
  }

  async #close(ended: readonly Promise<void>[]): Promise<void> {
    this.#options.log.info({ workers: this.#threads.size }, 'the workers are closing')
    for (const place of this.#places) place.timer?.cancel()
    await Promise.all(ended)
    this.#settleClosed?.()
  }
}
