import { channel } from 'node:diagnostics_channel'
import type { ConnectMessage, ListenerMessage, PortConnectionMessage } from '../contract/channel-messages.ts'
import type { Listener } from '../contract/completion-port.ts'
import type { Connection } from '../contract/connection.ts'
import { OperationChannels } from '../platform/operation-channels.ts'

/**
 * The names of the channels of `node:diagnostics_channel` on which completion ports publish. `connect` is the name of a `TracingChannel`. The
 * messages are `ConnectMessage`, `PortConnectionMessage` and `ListenerMessage`.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 *
 * subscribe(portChannels.connection, (message) => console.log((message as PortConnectionMessage).state))
 * ```
 */
export const portChannels = {
  connect: 'frameport.iocp-core.connect',
  connection: 'frameport.iocp-core.connection',
  listener: 'frameport.iocp-core.listener',
} as const

const connects = new OperationChannels<ConnectMessage>(portChannels.connect)
const connections = channel(portChannels.connection)
const listeners = channel(portChannels.listener)

/** Runs a connect, and publishes it if there is a subscriber. */
export function watchConnect(
  facts: Pick<ConnectMessage, 'url' | 'backend'>,
  connect: () => Promise<Connection>,
): Promise<Connection> {
  if (!connects.isWatched) return connect()
  const message: ConnectMessage = { ...facts, connection: undefined }
  return connects.run(message, async (ended) => {
    try {
      message.connection = await connect()
    } catch (error) {
      ended(error)
      throw error
    }
    ended()
    return message.connection
  })
}

export function publishConnection(
  state: PortConnectionMessage['state'],
  connection: Connection,
  error?: Error,
): void {
  if (!connections.hasSubscribers) return
  connections.publish({ state, connection, error } satisfies PortConnectionMessage)
}

export function publishListener(state: ListenerMessage['state'], listener: Listener, error?: Error): void {
  if (!listeners.hasSubscribers) return
  listeners.publish({ state, listener, error } satisfies ListenerMessage)
}
