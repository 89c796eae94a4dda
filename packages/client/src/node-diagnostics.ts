import { channel } from 'node:diagnostics_channel'
import { OperationChannels } from '@frameport/iocp-core'
import { type CallWatch, type InterceptedCall, watchedCalls } from '@frameport/protocol/calling'
import { type WatchedCall, watchCall } from '@frameport/protocol/serving'
import type {
  CallFromServerMessage,
  ClientCallMessage,
  ClientConnectionMessage,
  ClientDiagnostics,
  WatchedClient,
} from './diagnostics-types.ts'
import type { ConnectionChange, SessionStart } from './reconnect-types.ts'

/**
 * The names of the channels of `node:diagnostics_channel` on which clients publish. `call` and `callFromServer` are the names of
 * `TracingChannel`s. The messages are `ClientCallMessage`, `CallFromServerMessage` and `ClientConnectionMessage`.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 *
 * subscribe(clientChannels.connection, (message) => console.log((message as ClientConnectionMessage).state))
 * ```
 */
export const clientChannels = {
  call: 'frameport.client.call',
  callFromServer: 'frameport.client.call-from-server',
  connection: 'frameport.client.connection',
} as const

const calls = new OperationChannels<ClientCallMessage>(clientChannels.call)
const callsFromServers = new OperationChannels<CallFromServerMessage>(clientChannels.callFromServer)
const connections = channel(clientChannels.connection)

const notEnded = { outcome: undefined, items: 0, durationMs: undefined, error: undefined }

let clients = 0

/** The channels of Node.js. A message is created only if there is a subscriber. */
export class NodeDiagnostics implements ClientDiagnostics {
  readonly calls: CallWatch
  readonly #client: WatchedClient
  readonly #clientId: number

  constructor(client: WatchedClient) {
    this.#client = client
    this.#clientId = ++clients
    this.calls = watchedCalls(calls, (call) => this.#ofCall(call), client.nowMs)
  }

  get watchesCallsFromServer(): boolean {
    return callsFromServers.isWatched
  }

  watch<Result>(watched: WatchedCall, begin: () => Result): Result {
    const { kind, metadata } = watched.call
    const message = { procedure: watched.entry.fullName, kind, metadata, ...this.#from(), ...notEnded }
    return watchCall(callsFromServers, watched, message, this.#client.nowMs, begin)
  }

  changed({ state, reason, failures, delayMs }: ConnectionChange): void {
    // For `open`, the kind of session that has begun is published instead.
    if (state !== 'open') this.#publish({ state, reason, failures, delayMs })
  }

  started({ resumed, isFirst }: SessionStart): void {
    const state = isFirst ? 'connected' : resumed ? 'resumed' : 'replaced'
    this.#publish({ state, reason: undefined, failures: undefined, delayMs: undefined })
  }

  #publish(change: Omit<ClientConnectionMessage, 'clientId' | 'remoteEndpoint'>): void {
    if (!connections.hasSubscribers) return
    connections.publish({ ...change, ...this.#from() } satisfies ClientConnectionMessage)
  }

  #ofCall({ procedure: { fullName, callKind: kind }, metadata }: InterceptedCall): ClientCallMessage {
    return { procedure: fullName, kind, metadata, ...this.#from(), ...notEnded }
  }

  #from(): Pick<ClientConnectionMessage, 'clientId' | 'remoteEndpoint'> {
    return { clientId: this.#clientId, remoteEndpoint: this.#client.remoteEndpoint() }
  }
}
