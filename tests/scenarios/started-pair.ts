import type { Client, CreateClientOptions } from '@frameport/client'
import type { Contract, ContractEvent } from '@frameport/protocol'
import { createServer, type Implementation, type Server, type ServerOptions } from '@frameport/server'
import { type LogEntry, recordingLog } from './setup.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

/** A server and its client, connected in memory and virtual time. */
export interface StartedPair<C extends Contract> {
  readonly server: Server
  readonly client: Client<C>
  /** The lines that the server logged. */
  readonly log: readonly LogEntry[]
  readonly clock: ReturnType<typeof memoryWorld>['clock']
  /** Returns the result of `promise`. Virtual time advances as far as necessary. */
  run<T>(promise: Promise<T>): Promise<T>
  eventually(what: string, condition: () => boolean): Promise<void>
  /** Closes both, and throws if something remains. */
  close(): Promise<void>
}

/** @param contract the contract of the client: that of the implementation, or another version of it */
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
  // Whether the context is required depends on the implementation, which is unknown here.
  const server = createServer(
    implementation as unknown as Implementation<object>,
    serverOptions as ServerOptions<object>,
  )
  const client = await connect(server, contract, options.client)
  return { server, client, log: lines, clock, run, eventually, close: () => close(server) }
}
