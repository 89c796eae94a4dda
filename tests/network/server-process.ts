import { RpcError } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import {
  createServer,
  implement,
  type LogLine,
  memoryEventLog,
  type Server,
  type ServerConnection,
  ServerError,
  type ServerOptions,
} from '@frameport/server'
import type { SimHost } from '@frameport/testing'
import { makeCall, type Place } from './caller.ts'
import { network, type Room, topicName } from './contract.ts'
import { handlersOf } from './handlers.ts'
import type { Act } from './model/trace.ts'
import { type Process, pause, type Run } from './run.ts'

interface Context {
  readonly link: number
  /** The attempt of the link to connect. */
  readonly attempt: number
  /** The number of the session at the server, after the client was admitted. */
  served?: number | undefined
}

interface PlacedConnection {
  readonly connection: ServerConnection
  readonly place: Place & { readonly served: number }
}

/** A server with its number and the connections that it reported. */
interface Served {
  readonly number: number
  readonly server: Server
  readonly connections: Map<ServerConnection, PlacedConnection['place']>
  isClosing: boolean
  isClosed: boolean
}

/** The application on a server host, with one server at a time. */
export class ServerProcess implements Process {
  readonly run: Run
  readonly host: string
  readonly environment: SessionEnvironment
  readonly #simHost: SimHost
  #served: Served

  constructor(run: Run, simHost: SimHost) {
    this.run = run
    this.host = simHost.name
    this.environment = simHost.environment
    this.#simHost = simHost
    this.#served = this.#listening()
  }

  get server(): Server {
    return this.#served.server
  }

  get number(): number {
    return this.#served.number
  }

  /** Whether the server counts connections that it has not admitted, or whose end it has not reported. */
  get isBetween(): boolean {
    return this.server.connections.size !== this.#served.connections.size
  }

  /** The number of open calls that the server counts for the sessions of this link. */
  callsOpen(link: number): number {
    return [...this.#served.connections]
      .filter(([, place]) => place.link === link)
      .reduce((sum, [{ callsInFlight }]) => sum + callsInFlight, 0)
  }

  publish(): void {
    const { draw, plan } = this.run
    // A log may accept an event after all subscribers have left.
    if (this.#served.isClosed) return
    const [event, room] = [draw.pick(plan.events), draw.pick(plan.rooms)]
    for (let left = draw.pick([1, 1, 5, 40]); left > 0; left--) {
      const payload = { number: this.run.next(), text: 'e'.repeat(draw.pick([0, 10, 300, 2_000])) }
      const { number } = payload
      this.#see({ what: 'publish', server: this.number, topic: topicName(event, room), number })
      this.server.publish(network.events[event], { room }, payload)
    }
  }

  callClient(): void {
    const picked = this.#pickConnection()
    if (picked !== undefined) makeCall(this, picked.connection.client(network), picked.place)
  }

  /** Closes the connection of one client in order. */
  dismiss(): void {
    const picked = this.#pickConnection()
    if (picked !== undefined) this.run.guard(this.#dismiss(picked, this.run.draw.pick([0, 100, 2_000])))
  }

  /** Closes the server in order. Another one replaces it. */
  close(): void {
    const { draw } = this.run
    if (!this.#served.isClosing)
      this.run.guard(this.#replace(draw.pick([0, 100, 2_000]), draw.pick([0, 0, 500, 3_000])))
  }

  closeLast(): void {
    if (!this.#served.isClosing) this.run.guard(this.#close(0, 0))
  }

  #pickConnection(): PlacedConnection | undefined {
    const open = [...this.#served.connections].filter(
      ([{ state }]) => state === 'open' || state === 'detached',
    )
    if (open.length === 0) return undefined
    const [connection, place] = this.run.draw.pick(open)
    return { connection, place }
  }

  #listening(): Served {
    const { run, host } = this
    const number = run.next()
    const connections = new Map<ServerConnection, PlacedConnection['place']>()
    const handlers = handlersOf(this, ({ context }: { readonly context: Context }) => context)
    const implementation = implement(network)
      .$context<Context>()
      .handlers({
        ...handlers,
        join: (args) => {
          for (const room of run.plan.rooms) {
            args.connection.subscribe(network.events.line, { room })
            const { link, served = 0 } = args.context
            run.see(host, { what: 'subscribes', link, served, topic: topicName('line', room) })
          }
          return handlers.put(args)
        },
      })
    const server = createServer(implementation, {
      environment: this.environment,
      limits: run.plan.serverLimits,
      log: this.#log(),
      ...(run.plan.resume.servers ? {} : { resume: false }),
      ...this.#logs(),
      maxConnectionAgeMs: run.plan.connectionAgeMs,
      context: ({ hello }) => {
        if (!run.plan.unwelcoming.includes(host)) return { ...(hello.auth as Context) }
        throw new RpcError('UNAUTHENTICATED', 'nobody is let in here')
      },
      principal: ({ context }) => `link ${context.link}`,
      authorizeSubscribe: async ({ connection, event, topic }) => {
        const draw = run.drawFor('handler', connections.get(connection)?.served ?? 0)
        await pause(this, draw.pick([0, 0, 20, 200]))
        return run.plan.rooms.includes(topic.room as Room) && event.subscribe === 'clients'
      },
      onConnection: ({ connection, context }) => {
        const { link, attempt } = context
        const served = run.next()
        context.served = served
        connections.set(connection, { link, served })
        run.see(host, { what: 'accepted', link, served, server: number, attempt })
      },
      onDetached: ({ connection, context: { link, served = 0 } }) => {
        const { keptBytes } = connection.stats().memory
        run.see(host, { what: 'detached', link, served, keptBytes })
      },
      onResumed: ({ connection, context: { link, served = 0 } }) => {
        const { keptBytes } = connection.stats().memory
        run.see(host, { what: 'attached', link, served, keptBytes })
      },
      onDisconnect: ({ connection, context: { link, served }, reason: { code } }) => {
        connections.delete(connection)
        // A client may leave before it is admitted.
        if (served !== undefined) run.see(host, { what: 'gone', link, served, code })
      },
    })
    run.guard(this.#listen(server, number))
    return { number, server, connections, isClosing: false, isClosed: false }
  }

  #logs(): Pick<ServerOptions<Context>, 'eventLogs'> {
    const { logs, plan } = this.run
    if (plan.loggedEventsMax === undefined) return {}
    const keeper = plan.logIsShared ? 'all' : this.host
    const log = logs.get(keeper) ?? memoryEventLog({ limits: { topicEventsMax: plan.loggedEventsMax } })
    logs.set(keeper, log)
    return { eventLogs: [{ log, events: [network.events.news] }] }
  }

  async #listen(server: Server, number: number): Promise<void> {
    try {
      await server.listen(this.#simHost.acceptor(1))
    } catch (error) {
      // It was closed at the moment of its creation.
      if (ServerError.is(error) && error.code === 'SERVER_CLOSED') return
      throw error
    }
    this.#see({ what: 'listen', server: number })
  }

  async #replace(graceMs: number, announceMs: number): Promise<void> {
    await this.#close(graceMs, announceMs)
    await pause(this, 100)
    if (!this.run.isEnding) this.#served = this.#listening()
  }

  async #close(graceMs: number, announceMs: number): Promise<void> {
    const served = this.#served
    const { number, server } = served
    served.isClosing = true
    this.#see({ what: 'closeServer', server: number, announceMs, graceMs })
    await server.close({ graceMs, announceMs })
    served.isClosed = true
    this.#see({ what: 'closeServerSettled', server: number })
  }

  async #dismiss({ connection, place }: PlacedConnection, graceMs: number): Promise<void> {
    this.#see({ what: 'dismiss', ...place, graceMs })
    await connection.close({ graceMs })
    this.#see({ what: 'dismissSettled', ...place })
  }

  #log() {
    const silent: LogLine = () => undefined
    const error: LogLine = (facts, text) => {
      // Some handlers fail on purpose. A log line with a procedure is about one of those.
      if (!('procedure' in facts)) this.#see({ what: 'reported', text: `${text}: ${String(facts.err)}` })
    }
    return { debug: silent, info: silent, warn: silent, error }
  }

  #see(act: Act): void {
    this.run.see(this.host, act)
  }
}
