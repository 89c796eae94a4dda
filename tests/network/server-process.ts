import type { SessionEnvironment } from '@frameport/protocol/session'
import {
  createServer,
  implement,
  type LogLine,
  type Server,
  type ServerConnection,
  ServerError,
} from '@frameport/server'
import type { SimHost } from '@frameport/testing'
import { makeCall } from './caller.ts'
import { network, type Room, topicName } from './contract.ts'
import { handlersOf } from './handlers.ts'
import type { Act } from './model/trace.ts'
import { type Process, pause, type Run } from './run.ts'

interface Context {
  readonly link: number
}

/** What a server is: its number, and the connections that it was told of. */
interface Served {
  readonly number: number
  readonly server: Server
  readonly connections: Map<ServerConnection, number>
  isClosing: boolean
}

/** The application on a server host: one server at a time. */
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

  /** It counts connections that it has not let in, or not told the end of. */
  get isBetween(): boolean {
    return this.server.connections.size !== this.#served.connections.size
  }

  /** Calls that the server counts as open, by number of the link. */
  get callsOpen(): ReadonlyMap<number, number> {
    return new Map([...this.#served.connections].map(([{ callsInFlight }, link]) => [link, callsInFlight]))
  }

  publish(): void {
    const { draw, plan } = this.run
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
    if (picked !== undefined) makeCall(this, picked.connection.client(network), picked.link)
  }

  /** Ends the connection of one client in order. */
  dismiss(): void {
    const picked = this.#pickConnection()
    if (picked !== undefined) this.run.guard(this.#dismiss(picked, this.run.draw.pick([0, 100, 2_000])))
  }

  /** Ends the server in order; another one takes its place. */
  close(): void {
    if (!this.#served.isClosing) this.run.guard(this.#replace(this.run.draw.pick([0, 100, 2_000])))
  }

  closeLast(): void {
    if (!this.#served.isClosing) this.run.guard(this.#close(0))
  }

  #pickConnection(): { readonly connection: ServerConnection; readonly link: number } | undefined {
    const open = [...this.#served.connections].filter(([{ state }]) => state === 'open')
    if (open.length === 0) return undefined
    const [connection, link] = this.run.draw.pick(open)
    return { connection, link }
  }

  #listening(): Served {
    const { run, host } = this
    const number = run.next()
    const connections = new Map<ServerConnection, number>()
    const handlers = handlersOf(this, ({ context }: { readonly context: Context }) => context.link)
    const implementation = implement(network)
      .$context<Context>()
      .handlers({
        ...handlers,
        join: (args) => {
          for (const room of run.plan.rooms) args.connection.subscribe(network.events.line, { room })
          return handlers.put(args)
        },
      })
    const server = createServer(implementation, {
      environment: this.environment,
      limits: run.plan.serverLimits,
      log: this.#log(),
      context: ({ hello }) => ({ link: hello.auth as number }),
      authorizeSubscribe: async ({ connection, event, topic }) => {
        const draw = run.drawFor('handler', connections.get(connection) ?? 0)
        await pause(this, draw.pick([0, 0, 20, 200]))
        return run.plan.rooms.includes(topic.room as Room) && event.subscribe === 'clients'
      },
      onConnection: ({ connection, context: { link } }) => {
        connections.set(connection, link)
        run.see(host, { what: 'accepted', link, server: number })
      },
      onDisconnect: ({ connection, reason: { code } }) => {
        const link = connections.get(connection)
        connections.delete(connection)
        // A client may leave before it is let in.
        if (link !== undefined) run.see(host, { what: 'gone', link, code })
      },
    })
    run.guard(this.#listen(server, number))
    return { number, server, connections, isClosing: false }
  }

  async #listen(server: Server, number: number): Promise<void> {
    try {
      await server.listen(this.#simHost.acceptor(1))
    } catch (error) {
      // It was closed in the moment in which it was made.
      if (ServerError.is(error) && error.code === 'SERVER_CLOSED') return
      throw error
    }
    this.#see({ what: 'listen', server: number })
  }

  async #replace(graceMs: number): Promise<void> {
    await this.#close(graceMs)
    await pause(this, 100)
    if (!this.run.isEnding) this.#served = this.#listening()
  }

  async #close(graceMs: number): Promise<void> {
    const served = this.#served
    const { number, server } = served
    served.isClosing = true
    this.#see({ what: 'closeServer', server: number, graceMs })
    await server.close({ graceMs })
    this.#see({ what: 'closeServerSettled', server: number })
  }

  async #dismiss(
    { connection, link }: { readonly connection: ServerConnection; readonly link: number },
    graceMs: number,
  ): Promise<void> {
    this.#see({ what: 'dismiss', link, graceMs })
    await connection.close({ graceMs })
    this.#see({ what: 'dismissSettled', link })
  }

  #log() {
    const silent: LogLine = () => undefined
    const error: LogLine = (facts, text) => {
      // Some handlers break by plan: a line of the log that names a procedure is about one.
      if (!('procedure' in facts)) this.#see({ what: 'reported', text: `${text}: ${String(facts.err)}` })
    }
    return { debug: silent, info: silent, warn: silent, error }
  }

  #see(act: Act): void {
    this.run.see(this.host, act)
  }
}
