import type { ClientLimitOptions } from '@frameport/client'
import type { SessionEnvironment } from '@frameport/protocol/session'
import { createServer, implement, type Server, type ServerOptions } from '@frameport/server'
import { type LogEntry, recordingLog } from '../setup.ts'
import type { World } from '../worlds/world.ts'
import type { Callee } from './callee.ts'
import type { Calls } from './caller.ts'
import { clientKindsContract, kindsContract } from './contract.ts'
import type { StageName } from './stages.ts'

/** The limits of both sides. */
export interface PairLimits {
  readonly caller?: ClientLimitOptions
  /** A client only has those limits that are also in `ClientLimitOptions`. */
  readonly callee?: NonNullable<ServerOptions<object>['limits']>
}

export interface PairOptions {
  readonly limits?: PairLimits
  /** The clock of both sides, instead of that of the world. */
  readonly environment?: SessionEnvironment | undefined
}

/** A caller and a callee with a connection between them. */
export interface Pair {
  readonly calls: Calls
  /** The lines that the callee logged. */
  readonly log: readonly LogEntry[]
  /** Whether the callee still has the connection. */
  isConnected(): boolean
  /** What the callee keeps and runs for the caller, by name. All figures are 0 if no call is open. */
  held(): Readonly<Record<string, number>>
  /** The one-way calls that the callee has dropped. */
  onewaysDropped(): number
  /** Breaks the connection from one side. */
  cut(by: Side): void
  /** One side ends the connection without waiting for calls. */
  end(by: Side): Promise<void>
  /** Closes both sides and the world. @throws if something remains */
  close(): Promise<void>
}

export type Side = 'caller' | 'callee'

/** Who calls whom. The stages and happenings are the same in both directions. */
export interface Direction {
  readonly name: string
  /** The stages that this direction does not have, each with the reason. */
  readonly absent?: Partial<Record<StageName, string>>
  connect(world: World, callee: Callee, options: PairOptions): Promise<Pair>
}

/** One handler for each kind of call, for a server and for a client. */
function handlersOf(callee: Callee) {
  const perform = ({ input, signal, upload }: Args) => callee.handles(input, signal).perform(upload)
  return {
    ask: (args: Args) => answerOf(perform(args)),
    watch: (args: Args) => perform(args),
    fill: (args: Args) => answerOf(perform(args)),
    talk: (args: Args) => perform(args),
    tell: async (args: Args) => void (await answerOf(perform(args))),
  }
}

interface Args {
  readonly input: string
  readonly signal: AbortSignal
  readonly upload?: AsyncIterator<string>
}

async function answerOf(performance: AsyncGenerator<string, string>): Promise<string> {
  const { value } = await performance.next()
  return value
}

export const clientCallsServer: Direction = {
  name: 'client calls server',
  async connect(world, callee, { limits = {}, environment = world.environment }) {
    const { log, lines } = recordingLog()
    const { port } = world
    const implementation = implement(kindsContract(() => callee.passes('call')))
      .$context<object>()
      .handlers(handlersOf(callee))
    const server = createServer(implementation, {
      log,
      context: async () => {
        await callee.passes('greeting')
        return {}
      },
      ...(environment === undefined ? {} : { environment }),
      ...(port === undefined ? {} : { completionPort: port }),
      ...(limits.callee === undefined ? {} : { limits: limits.callee }),
    })
    const client = await world.connect(server, kindsContract(), {
      ...(environment === undefined ? {} : { environment }),
      ...(limits.caller === undefined ? {} : { limits: limits.caller }),
    })
    return {
      calls: client,
      log: lines,
      isConnected: () => server.connections.size > 0,
      held: () => heldBy(server),
      onewaysDropped: () => sum(server, (connection) => connection.stats().onewaysDropped),
      cut: (by) => world.cut(by === 'caller' ? 'client' : 'server'),
      async end(by) {
        if (by === 'caller') await client.$close({ graceMs: 0 })
        else await Promise.all([...server.connections].map((one) => one.close({ graceMs: 0 })))
      },
      close: () => world.close(server),
    }
  },
}

/** The opposite direction: the client has the handlers. */
const serverCallsClient: Direction = {
  name: 'server calls client',
  absent: { unsent: 'a call to a client that has not been let in fails at once' },
  async connect(world, callee, { limits = {}, environment = world.environment }) {
    const { log, lines } = recordingLog()
    const { port } = world
    const own = clientKindsContract()
    const implementation = implement(own)
      .$context<object>()
      .handlers({ nothing: () => undefined })
    const server = createServer(implementation, {
      log,
      context: async () => {
        await callee.passes('greeting')
        return {}
      },
      // Like a client, which has no default deadline.
      clientCalls: { defaultDeadlineMs: Number.POSITIVE_INFINITY },
      ...(environment === undefined ? {} : { environment }),
      ...(port === undefined ? {} : { completionPort: port }),
      ...(limits.caller === undefined ? {} : { limits: limits.caller }),
    })
    const client = await world.connect(
      server,
      clientKindsContract(() => callee.passes('call')),
      {
        handlers: handlersOf(callee),
        onHandlerFailed: ({ error }) => log.warn({ err: error }, 'a handler of a client failed'),
        ...(environment === undefined ? {} : { environment }),
        ...(limits.callee === undefined ? {} : { limits: limits.callee }),
      },
    )
    await world.eventually('the client has been let in', () =>
      [...server.connections].some(({ state }) => state === 'open'),
    )
    const [connection] = server.connections
    if (connection === undefined) throw new Error('there is no connection')
    return {
      calls: connection.client(own),
      log: lines,
      isConnected: () => client.$connection.state !== 'closed' || server.connections.size > 0,
      held: () => {
        const { callsInFlight: calls, callsAbandoned: abandoned, memory } = client.$connection.stats()
        const { inputBytes, partialBytes } = memory
        const handlers = callee.calls.filter(({ hasStopped }) => !hasStopped).length
        return { handlers, calls, abandoned, inputBytes, partialBytes }
      },
      onewaysDropped: () => client.$connection.stats().onewaysDropped,
      cut: (by) => world.cut(by === 'callee' ? 'client' : 'server'),
      async end(by) {
        if (by === 'callee') await client.$close({ graceMs: 0 })
        else await connection.close({ graceMs: 0 })
      },
      close: () => world.close(server),
    }
  },
}

export const directions: readonly Direction[] = [clientCallsServer, serverCallsClient]

function heldBy(server: Server): Readonly<Record<string, number>> {
  return {
    handlers: server.stats().handlersInFlight,
    calls: sum(server, (one) => one.callsInFlight),
    abandoned: sum(server, (one) => one.stats().callsAbandoned),
    inputBytes: sum(server, (one) => one.stats().memory.inputBytes),
    partialBytes: sum(server, (one) => one.stats().memory.partialBytes),
  }
}

type Connection = Server['connections'] extends ReadonlySet<infer One> ? One : never

function sum(server: Server, of: (connection: Connection) => number): number {
  return [...server.connections].reduce((total, connection) => total + of(connection), 0)
}
