import { randomBytes } from 'node:crypto'
import { type Client, createClient, type SessionStart, type TopicGap } from '@frameport/client'
import { IocpError } from '@frameport/iocp-core'
import { RpcError } from '@frameport/protocol'
import { chat } from '../chat-contract.ts'
import { memberLimits } from '../connection-limits.ts'
import { limits } from '../limits.ts'
import { defaults, urlOf } from '../options.ts'
import type { ChatOptions } from './options.ts'

export type Connected =
  | { readonly client: Client<typeof chat>; readonly fault?: undefined }
  | { readonly fault: string }

export interface ConnectHandlers {
  onUncaught(error: unknown): void
  /** The server left events out, because this terminal did not keep up. */
  onEventGap(missed: TopicGap): void
  /** The connection is lost, and there will be another one, or the end of the client. */
  onLost(): void
  /** There is another connection. */
  onSession(start: SessionStart): void
}

/** Connects to the server, or returns a sentence that says why not and what to do. */
export async function connect(
  options: ChatOptions,
  { onUncaught, onEventGap, onLost, onSession }: ConnectHandlers,
): Promise<Connected> {
  try {
    const { reconnectFor } = options
    const client = createClient(chat, [urlOf(options), ...(options.also ?? [])], {
      // This token proves to a server without the session that this member owns the name.
      auth: randomBytes(16).toString('base64url'),
      reconnect: reconnectFor > 0 && {
        delayMaxMs: limits.reconnectDelayMaxMs,
        reconnectTimeoutMs: reconnectFor * 1_000,
      },
      limits: memberLimits,
      onUncaught,
      onEventGap,
      // A member that has to enter a room again subscribes then, and handles the failure there.
      onSubscribeFailed: () => {},
      onStateChange: ({ state }) => {
        if (state === 'reconnecting') onLost()
      },
      onSession: (start) => {
        if (!start.isFirst) onSession(start)
      },
      ...(options.backend === undefined ? {} : { backend: options.backend }),
    })
    await client.$connection.opened()
    return { client }
  } catch (error) {
    return { fault: faultOf(error, options) }
  }
}

function faultOf(error: unknown, options: ChatOptions): string {
  const url = urlOf(options)
  const { also = [] } = options
  if (also.length > 0 && RpcError.is(error) && error.code === 'UNAVAILABLE') {
    return `None of ${[url, ...also].join(', ')} accepted the connection. Check --host, --port and --also, and that the servers are running. The last attempt failed: ${error.message}`
  }
  const root = rootOf(error)
  if (IocpError.is(root)) {
    if (root.code === 'CONNECTION_REFUSED') {
      return `No chat server answers at ${url}. Start one with: ${startCommand(options)}`
    }
    if (root.code === 'HOST_NOT_FOUND') return `There is no host named ${options.host}. Check --host.`
    if (root.code === 'CONNECT_TIMEOUT' || root.code === 'UNREACHABLE') {
      return `${url} cannot be reached. Check --host and --port, and any firewall in between.`
    }
    if (root.code === 'CONNECTION_RESET' || root.code === 'CONNECTION_ABORTED') {
      return `The connection to ${url} broke before the chat started. The server may be stopping or starting. Try again.`
    }
    return root.message
  }
  // The server sent nothing that could identify it as another kind of server.
  if (RpcError.is(error) && error.code === 'UNAVAILABLE' && error.cause === undefined) {
    return `${url} accepted the connection but did not start a chat. The server may be stopped or overloaded. Try again, or check --port.`
  }
  if (RpcError.is(error)) return `The server at ${url} is not a chat server of this version: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

/** The error of the transport that caused this one, if there is one. */
function rootOf(error: unknown): unknown {
  let root = error
  for (let depth = 0; depth < 4 && !IocpError.is(root); depth += 1) {
    if (!(root instanceof Error) || root.cause === undefined) return error
    root = root.cause
  }
  return root
}

function startCommand({ host, port }: ChatOptions): string {
  const options = [
    ...(host === defaults.host ? [] : ['--host', host]),
    ...(port === defaults.port ? [] : ['--port', String(port)]),
  ]
  return ['npm start', ...(options.length === 0 ? [] : ['--', ...options])].join(' ')
}
