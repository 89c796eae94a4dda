import { createServer, type Server } from '@frameport/server'
import type { Logger } from 'pino'
import { chat } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { urlOf } from '../options.ts'
import type { ChatClock } from './chat-clock.ts'
import type { ChatContext } from './chat-context.ts'
import { chatHandlers } from './chat-handlers.ts'
import { ChatService, type Outlet } from './chat-service.ts'
import type { ServerOptions } from './options.ts'

export interface RunningChat {
  readonly url: string
  readonly port: number
  readonly backend: string
  close(): Promise<void>
}

/** @throws IocpError when it cannot listen there, or not with that back end */
export async function startChatServer(options: ServerOptions, log: Logger): Promise<RunningChat> {
  const { server, service } = createChatServer(options, log)
  const listener = await server.listen(urlOf(options))
  const { endpoint, url, backend } = listener
  return {
    url,
    backend,
    port: endpoint.kind === 'tcp' ? endpoint.port : options.port,
    close() {
      service.offers.close()
      return server.close({ graceMs: limits.closeGraceMs })
    },
  }
}

/** A chat that does not listen yet, and its rules. */
export function createChatServer(
  options: Pick<ServerOptions, 'membersMax' | 'backend'>,
  log: Logger,
  clock: ChatClock = realClock,
): { readonly server: Server; readonly service: ChatService } {
  const outlet: Outlet = {
    line: (room, line) => void server.publish(chat.events.line, { room }, line),
    presence: (room, presence) => void server.publish(chat.events.presence, { room }, presence),
    typing: (room, name) => void server.publish(chat.events.typing, { room }, { name }),
    offer: (room, offer) => void server.publish(chat.events.offer, { room }, offer),
    offerClosed: (room, closed) => void server.publish(chat.events.offerClosed, { room }, closed),
  }
  const service = new ChatService(outlet, clock, { membersMax: options.membersMax })
  const server = createServer<ChatContext>(chatHandlers, {
    context: ({ connection }) => ({
      service,
      visitor: service.arrive(),
      clock,
      log: log.child({ connection: connection.id }),
    }),
    onDisconnect: ({ context: { visitor }, reason }) => {
      if (reason.code === 'CLOSED') service.quit(visitor)
      service.lose(visitor)
    },
    log,
    // Who has lost the connection has left.
    resume: false,
    limits: {
      connectionsMax: limits.connectionsMax,
      slowSubscriberBytesMax: limits.unreadBytesMax,
      heartbeatIntervalMs: limits.heartbeatIntervalMs,
      heartbeatTimeoutMs: limits.heartbeatTimeoutMs,
    },
    ...(options.backend === undefined ? {} : { backend: options.backend }),
  })
  return { server, service }
}

const realClock: ChatClock = {
  nowMs: () => performance.now(),
  dateMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
