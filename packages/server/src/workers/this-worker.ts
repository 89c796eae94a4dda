import { threadId, workerData } from 'node:worker_threads'
import { realEnvironment } from '@frameport/iocp-core'
import { missingMethods } from '@frameport/protocol/checks'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Acceptor, AcceptorListener } from '../acceptor.ts'
import { refusal, refuse } from '../check-options.ts'
import { loggerOf } from '../console-logger.ts'
import type { EventBus } from '../event-bus.ts'
import type { EventHistory } from '../event-log.ts'
import type { Logger } from '../logger.ts'
import { ServerError } from '../server-error.ts'
import type { Server } from '../server-types.ts'
import type { TcpOptions } from '../tcp/tcp-options.ts'
import type { TlsOptions } from '../tls-options.ts'
import { WorkerBus } from './bus/worker-bus.ts'
import { HandOvers } from './hand-over/hand-overs.ts'
import { WorkerLogs } from './log/worker-logs.ts'
import {
  type FromWorker,
  type Neighbour,
  type ToWorker,
  type WorkerCloseOptions,
  type WorkerStart,
  workerDataName,
} from './messages.ts'
import { SharedPorts } from './shared-ports.ts'
import { sumStats } from './sum-stats.ts'

/** Options for `createServer` in a worker. */
export interface WorkerServerOptions {
  /**
   * The environment of the platform, with session ids that name their worker, so that a client that comes back to
   * another worker finds its session.
   */
  readonly environment: SessionEnvironment
  /** A logger that writes warnings and errors to the console, with the index of the worker. */
  readonly log: Logger
  /** {@link ThisWorker.bus}, so that published events reach the clients of all workers. */
  readonly eventBus: EventBus
}

/** The worker that runs in this thread: the result of `thisWorker()`. */
export interface ThisWorker {
  /** From 0 to one less than the number of workers. A successor has the same index. */
  readonly index: number
  /** A copy of the option `data` of `startWorkers`. */
  readonly data: unknown
  /**
   * Options to spread into those of each server: `createServer(implementation, { ...worker.serverOptions, context })`.
   */
  readonly serverOptions: WorkerServerOptions
  /** Carries events to the servers of other workers, and to other servers of this worker. */
  readonly bus: EventBus
  /**
   * Returns a log of the main thread, which all workers share.
   *
   * @param name a name in the option `logs` of `startWorkers`
   * @throws ServerError `INVALID_OPTION` for any other name
   */
  log(name: string): EventHistory
  /** Returns a logger that adds the index of the worker to each line of `log`. */
  logger(log: Logger): Logger
  /**
   * Listens at the same address as the other workers, with TLS:
   * `worker.serve(server, 'tls://0.0.0.0:5500', { cert, key })`. Port 0 chooses the same free port for all workers. The
   * server closes with the pool.
   *
   * @throws the errors of `server.listen`; ServerError `INVALID_OPTION`
   */
  serve(server: Server, endpoint: `tls://${string}`, options: TlsOptions): Promise<AcceptorListener>
  /** Listens at the same address as the other workers: `worker.serve(server, 'tcp://0.0.0.0:5500')`. */
  serve(server: Server, endpoint: string, options?: TcpOptions): Promise<AcceptorListener>
  /** Listens with an acceptor, which must share its port by itself. */
  serve(server: Server, acceptor: Acceptor): Promise<AcceptorListener>
  /**
   * Settles when the pool has closed the servers of this worker. Then close everything else that keeps the thread
   * alive.
   */
  closed(): Promise<void>
}

let known: ThisWorker | undefined

/**
 * Returns the worker that runs in this thread, in the file that `startWorkers` runs.
 *
 * @example
 * ```ts
 * const worker = thisWorker()
 * const server = createServer(implementation, { ...worker.serverOptions })
 * await worker.serve(server, 'tcp://0.0.0.0:5500')
 * ```
 *
 * @throws ServerError `NOT_A_WORKER` in the main thread, and in a thread that was not started by a pool
 */
export function thisWorker(): ThisWorker {
  const start = (workerData as Readonly<Record<string, unknown>> | null)?.[workerDataName]
  if (start === undefined) throw new ServerError('NOT_A_WORKER', `thread ${threadId}`)
  known ??= new PoolMember(start as WorkerStart)
  return known
}

/** How often a closing worker reports that it is still closing, in milliseconds. */
const closingEveryMs = 1_000

class PoolMember implements ThisWorker {
  readonly serverOptions: WorkerServerOptions
  readonly bus: WorkerBus
  readonly #start: WorkerStart
  readonly #handOvers: HandOvers
  readonly #logs: WorkerLogs
  readonly #servers = new Set<Server>()
  readonly #listeners = new Set<AcceptorListener>()
  readonly #acceptors = new Set<Acceptor>()
  readonly #ports: SharedPorts
  #closing: Promise<void> | undefined
  #closed: (() => void) | undefined
  readonly #end = new Promise<void>((resolve) => {
    this.#closed = resolve
  })

  constructor(start: WorkerStart) {
    this.#start = start
    const { limits, interests, neighbours, control } = start
    this.#handOvers = new HandOvers(start.serial, realEnvironment)
    this.#ports = new SharedPorts(start.isFirst, (message) => this.#say(message))
    this.#logs = new WorkerLogs(start.logs, limits)
    const log = this.logger(loggerOf(undefined))
    this.bus = new WorkerBus({
      limits,
      interests,
      fellBehind: (other) =>
        log.warn(
          { other },
          'another worker does not take the events of this one: they are left out, and its subscribers receive a gap',
        ),
    })
    this.serverOptions = Object.freeze({
      environment: Object.freeze({ ...realEnvironment, sessionIds: this.#handOvers.sessionIds }),
      log,
      eventBus: this.bus,
    })
    for (const neighbour of neighbours) this.#connect(neighbour)
    control.on('message', (message: ToWorker) => this.#told(message))
  }

  get index(): number {
    return this.#start.index
  }

  get data(): unknown {
    return this.#start.data
  }

  log(name: string): EventHistory {
    const { logNames } = this.#start
    if (!logNames.includes(name))
      throw refusal(
        `startWorkers was not given a log ${JSON.stringify(name)}; the logs are ${logNames.join(', ') || 'none'}`,
      )
    return this.#logs.log(name)
  }

  logger(log: Logger): Logger {
    const { index: worker } = this
    return {
      debug: (facts, text) => log.debug({ worker, ...facts }, text),
      info: (facts, text) => log.info({ worker, ...facts }, text),
      warn: (facts, text) => log.warn({ worker, ...facts }, text),
      error: (facts, text) => log.error({ worker, ...facts }, text),
    }
  }

  closed(): Promise<void> {
    return this.#end
  }

  async serve(
    server: Server,
    target: string | Acceptor,
    options: TcpOptions | TlsOptions = {},
  ): Promise<AcceptorListener> {
    refuse(
      missingMethods('server', server, { what: 'a Server', methods: ['listen', 'accept', 'close', 'stats'] }),
    )
    if (this.#closing !== undefined) throw new ServerError('SERVER_CLOSED', 'the worker is closing')
    this.#servers.add(server)
    const listener =
      typeof target === 'string'
        ? await this.#ports.listen(target, options, (acceptor) => this.#listen(server, acceptor))
        : await this.#listen(server, target)
    const { url, urls = [url] } = listener
    this.#say({ kind: 'listening', urls })
    return listener
  }

  async #listen(server: Server, acceptor: Acceptor): Promise<AcceptorListener> {
    this.#acceptors.add(acceptor)
    const listener = await server.listen(this.#handOvers.acceptor(server, acceptor))
    this.#listeners.add(listener)
    return listener
  }

  #connect({ index, serial, interests, bus, handOver }: Neighbour): void {
    this.bus.connect({ worker: index, port: bus, interests })
    this.#handOvers.connect(serial, handOver)
  }

  #told(message: ToWorker): void {
    switch (message.kind) {
      case 'neighbour':
        this.#connect(message.neighbour)
        break
      case 'address':
        this.#ports.address(message.id, message.url)
        break
      case 'stats':
        this.#say({ kind: 'stats', id: message.id, stats: this.#stats() })
        break
      case 'close':
        this.#closing ??= this.#close(message.othersServe, message.options)
        void this.#closeServers(message.options)
    }
  }

  #stats() {
    const server = sumStats([...this.#servers].map((one) => one.stats()))
    return { server, relayed: this.#handOvers.relayed }
  }

  async #closeServers(options: WorkerCloseOptions): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.close(options)))
  }

  async #close(othersServe: boolean, options: WorkerCloseOptions): Promise<void> {
    let isOver = false
    const live = () => {
      if (isOver) return
      this.#say({ kind: 'closing' })
      realEnvironment.setTimer(closingEveryMs, live)
    }
    live()
    // A worker that leaves others in its place must not get the clients that it sends away.
    if (othersServe) await Promise.all([...this.#listeners].map((listener) => listener.close()))
    await this.#closeServers(options)
    if (othersServe) this.#handOvers.cutRelays()
    await this.#handOvers.relaysEnded()
    await Promise.allSettled([...this.#acceptors].map((acceptor) => acceptor.release?.()))
    this.bus.close()
    this.#handOvers.close()
    this.#logs.close()
    isOver = true
    this.#say({ kind: 'closed' })
    this.#start.control.close()
    this.#closed?.()
  }

  #say(message: FromWorker): void {
    this.#start.control.postMessage(message)
  }
}
