import type { Client, CreateClientOptions } from '@frameport/client'
import type { Contract, ContractEvent } from '@frameport/protocol'
import { createServer, type Implementation, type Server, type ServerOptions } from '@frameport/server'
import { type LogEntry, recordingLog } from './setup.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

/** A server and a client of it, connected in memory and virtual time. */
export interface StartedPair<C extends Contract> {
  readonly server: Server
  readonly client: Client<C>
  /** What the server logged. */
  readonly log: readonly LogEntry[]
  readonly clock: ReturnType<typeof memoryWorld>['clock']
  /** What `promise` settles to; virtual time moves as far as it needs. */
  run<T>(promise: Promise<T>): Promise<T>
  eventually(what: string, condition: () => boolean): Promise<void>
  /** Closes both, and throws when something is left. */
  close(): Promise<void>
}

/** @param contract what the client believes in: that of the implementation, or another version of it */
export async function startedPair<C extends Contract, Context extends object>(
  contract: C,
  implementation: Implementation<Context, ContractEvent>,
  options: {
    readonly server?: Partial<ServerOptions<Context>>
    readonly client?: CreateClientOptions<NoInfer<C>>
  } = {},
): Promise<StartedPair<C>> {
  const { clock, run, eventually, connect, close } = memoryWorld()
  const { log, lines } = recordingLog()
  const serverOptions = { environment: clock, log, ...options.server }
  // Whether a context has to be made depends on the implementation, which is not known here.
  const server = createServer(
    implementation as unknown as Implementation<object>,
    serverOptions as ServerOptions<object>,
  )
  const client = await connect(server, contract, options.client)
  return { server, client, log: lines, clock, run, eventually, close: () => close(server) }
}
