import { channel } from 'node:diagnostics_channel'
import { OperationChannels } from '@frameport/iocp-core'
import { type InterceptedCall, watchedCalls } from '@frameport/protocol/calling'
import { watchCall } from '@frameport/protocol/serving'
import type { IncomingCall } from '@frameport/protocol/session'
import type { ServerConnection } from './connection-types.ts'
import type {
  CallToClientMessage,
  ServerCallMessage,
  ServerConnectionMessage,
  ServerDiagnostics,
  SlowSubscriberMessage,
} from './diagnostics-types.ts'

/**
 * The names of the `node:diagnostics_channel` channels on which servers publish. `call` and `callToClient` are names of
 * tracing channels, for `diagnostics_channel.tracingChannel(name)`. The messages are {@link ServerCallMessage},
 * {@link CallToClientMessage}, {@link ServerConnectionMessage} and {@link SlowSubscriberMessage}.
 */
export const serverChannels = {
  call: 'frameport.server.call',
  callToClient: 'frameport.server.call-to-client',
  connection: 'frameport.server.connection',
  slowSubscriber: 'frameport.server.slow-subscriber',
} as const

const calls = new OperationChannels<ServerCallMessage>(serverChannels.call)
const callsToClients = new OperationChannels<CallToClientMessage>(serverChannels.callToClient)
const connections = channel(serverChannels.connection)
const slowSubscribers = channel(serverChannels.slowSubscriber)

const notEnded = { outcome: undefined, items: 0, durationMs: undefined, error: undefined }

/** The channels of Node.js. A message is created only if there is a subscriber. */
export const nodeDiagnostics: ServerDiagnostics = {
  get watchesCalls() {
    return calls.isWatched
  },

  watch(watched, { connection, nowMs }, begin) {
    return watchCall(
      calls,
      watched,
      messageOf(watched.call, connection, watched.entry.fullName),
      nowMs,
      begin,
    )
  },

  callsTo(connection, nowMs) {
    return watchedCalls(callsToClients, (call) => callToClient(call, connection), nowMs)
  },

  refused(call, connection, error) {
    if (!calls.isWatched) return
    const message = messageOf(call, connection, call.procedure)
    message.outcome = 'refused'
    message.durationMs = 0
    calls.run(message, (ended) => ended(error))
  },

  connection(state, connection, reason) {
    if (!connections.hasSubscribers) return
    connections.publish({ state, connection, reason } satisfies ServerConnectionMessage)
  },

  slowSubscriber(connection, message) {
    if (!slowSubscribers.hasSubscribers) return
    slowSubscribers.publish({ connection, message } satisfies SlowSubscriberMessage)
  },
}

function messageOf(
  { id: callId, kind, metadata }: IncomingCall,
  connection: ServerConnection,
  procedure: string,
): ServerCallMessage {
  return { procedure, kind, connection, callId, metadata, ...notEnded }
}

function callToClient(
  { procedure, metadata }: InterceptedCall,
  connection: ServerConnection,
): CallToClientMessage {
  const { fullName, callKind: kind } = procedure
  return { procedure: fullName, kind, connection, metadata, ...notEnded }
}
