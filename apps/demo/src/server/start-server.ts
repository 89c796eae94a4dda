import { createHash } from 'node:crypto'
import type { SessionEnvironment } from '@frameport/protocol/session'
import {
  type AcceptorListener,
  createServer,
  type EventBus,
  type EventHistory,
  type Server,
} from '@frameport/server'
import { ws } from '@frameport/server/ws'
import type { Logger } from 'pino'
import { type ChatClock, realClock } from '../chat-clock.ts'
import { chat } from '../chat-contract.ts'
import { heartbeatLimits } from '../connection-limits.ts'
import { limits } from '../limits.ts'
import { urlOf } from '../options.ts'
import type { ChatContext } from './chat-context.ts'
import { chatHandlers } from './chat-handlers.ts'
import { ChatService } from './chat-service.ts'
import type { Outlet } from './chat-service-options.ts'
import { type ChatStore, openStore } from './chat-store.ts'
import { FiguresExchange } from './figures/figures-exchange.ts'
import { dataFolder, pagePortOf, type ServerOptions } from './options.ts'
import { type PageServer, servePage } from './page/page-server.ts'
import { PeerFiles } from './peers/peer-files.ts'
import { peerHostOf, peerRows } from './peers/peer-place.ts'
import { openPeerServer, type PeerServer } from './peers/peer-server.ts'
import { RoomLines } from './room-lines.ts'
import type { ServerProcess } from './roster/server-beats.ts'

export interface RunningChat {
  readonly url: string
  readonly port: number
  readonly backend: string
  /** Where what outlives it is kept, as a part of a sentence. */
  readonly place: string | undefined
  /** Where the other servers of the chat get files, in sentences. */
  readonly peers: readonly string[]
  /** What is wrong with what was kept, in sentences. */
  readonly warnings: readonly string[]
  /** Of the web page, if there is one. */
  readonly pageUrl: string | undefined
  /** Of a chat whose servers are worker threads. */
  readonly threads?: ChatThreads | undefined
  close(): Promise<void>
}

export interface ChatThreads {
  readonly count: number
  readonly asked: number
  /** Why there is one only, where several cannot share a port. */
  readonly alone: string | undefined
}

/** A server of the chat, its rules, and what it measures. */
export interface ChatServer {
  readonly server: Server
  readonly service: ChatService
  readonly figures: FiguresExchange
}

/** Where a chat server runs: by itself, or in one thread of several. */
export interface ChatHost {
  /** Default: the real one. */
  readonly environment?: SessionEnvironment | undefined
  /** Default: one of its own. */
  readonly process?: ServerProcess | undefined
  /** Where the other servers of the chat get files. Default: where it listens. */
  readonly peersAt?: string | undefined
  /** @param openPage serves the page, if there is one */
  listen(
    chat: ChatServer,
    url: string,
    openPage: () => Promise<PageServer | undefined>,
  ): Promise<{ readonly listener: AcceptorListener; readonly page: PageServer | undefined }>
}

const alone: ChatHost = {
  async listen({ server }, url, openPage) {
    const listener = await server.listen(url)
    return { listener, page: await openPage() }
  },
}

/**
 * @throws IocpError when it cannot listen there, or not with that back end; Error when the folder of its data cannot be used
 */
export async function startChatServer(options: ServerOptions, log: Logger): Promise<RunningChat> {
  const store = await openStore({ folder: dataFolder(options, process.env), nats: options.nats }, log)
  try {
    return await runChatOn(store, options, log, alone)
  } catch (error) {
    await store.close()
    throw error
  }
}

/** One server of the chat, on what it keeps. It closes the store when it closes. */
export async function runChatOn(
  store: ChatStore,
  options: ServerOptions,
  log: Logger,
  host: ChatHost,
): Promise<RunningChat> {
  const { bus, isAway } = store
  const { environment, process: of, peersAt = options.host } = host
  const chat = createChatServer({ ...options, log: store.log, bus, isAway, environment, process: of }, log)
  const { server, service, figures } = chat
  const peers = bus === undefined ? undefined : await peersOf({ ...options, host: peersAt }, service, log)
  const { listener, page } = await opened(options, chat, peers, host)
  const { url, backend = 'unknown' } = listener
  return {
    pageUrl: page?.url,
    url,
    backend,
    place: store.place,
    peers: peerRows(options, peers?.port),
    warnings: store.warnings,
    port: Number(new URL(url).port),
    /** Nobody stands in front of the one address: nothing is announced, and terminals wait for the next server at once. */
    async close() {
      await service.close()
      await figures.close()
      await Promise.all([server.close({ graceMs: limits.closeGraceMs }), peers?.close()])
      await page?.close()
      await store.close()
    },
  }
}

/** Lets people in, once this server knows who is where. What cannot be opened closes the rest again. */
async function opened(
  options: ServerOptions,
  chat: ChatServer,
  peers: PeerServer | undefined,
  host: ChatHost,
): ReturnType<ChatHost['listen']> {
  const { server, service, figures } = chat
  try {
    await service.start(peers?.address)
    await figures.start()
    return await host.listen(chat, urlOf(options), async () =>
      options.page === false ? undefined : await pageOf(options, server),
    )
  } catch (error) {
    await service.close()
    await figures.close()
    // One that does not listen has nothing to close, and would say that it closes.
    if (server.stats().listeners.length > 0) await server.close({ graceMs: 0 })
    await peers?.close()
    throw error
  }
}

function peersOf(options: ServerOptions, service: ChatService, log: Logger): Promise<PeerServer> {
  const { host: listenHost, peerPort: port = 0, backend } = options
  // Listens where the chat does: whoever reaches one reaches the other.
  const where = { listenHost, host: peerHostOf(options), port }
  return openPeerServer(service.offers, { ...where, backend, clock: realClock, log })
}

/** The chat as a web page, which speaks to the same server by WebSockets. */
async function pageOf(options: ServerOptions, server: Server): Promise<PageServer> {
  const port = pagePortOf(options)
  try {
    const page = await servePage(options.host, port)
    await server.listen(ws({ server: page.http, path: '/frameport' }, { origins: page.origins }))
    return page
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE') throw cause
    throw new Error(
      `port ${port}, which the page needs, is in use. Choose another one with --page-port, or use --no-page.`,
      { cause },
    )
  }
}

/** A chat that does not listen yet, and its rules, which have to be started before. */
export function createChatServer(
  options: Pick<ServerOptions, 'membersMax' | 'backend' | 'label'> & {
    /** Keeps the lines, and who is where. Servers of one chat share it. */
    readonly log: EventHistory
    /** To the other servers. Default: there are none. */
    readonly bus?: EventBus | undefined
    /** Whether the log cannot be reached at the moment. Default: it always can. */
    readonly isAway?: (() => boolean) | undefined
    /** Default: one of its own. */
    readonly process?: ServerProcess | undefined
    /** Of the server. Default: the real one. */
    readonly environment?: SessionEnvironment | undefined
  },
  log: Logger,
  clock: ChatClock = realClock,
): ChatServer {
  const { membersMax, backend, bus, label, environment, isAway, process: of } = options
  const lines = new RoomLines(options.log, log, isAway)
  const outlet: Outlet = {
    line: (room, line, id) => lines.say(server, room, line, id),
    presence: (room, presence) => void server.publish(chat.events.presence, { room }, presence),
    typing: (room, name) => void server.publish(chat.events.typing, { room }, { name }),
    offer: (room, offer) => void server.publish(chat.events.offer, { room }, offer),
    offerClosed: (room, closed) => void server.publish(chat.events.offerClosed, { room }, closed),
  }
  const service = new ChatService(outlet, clock, {
    roomLimits: { membersMax },
    rosterLog: options.log,
    bus,
    isAway,
    process: of,
    logger: log,
  })
  const peers = new PeerFiles((id) => service.peerOf(id), { backend, log })
  const figures = new FiguresExchange({
    id: service.id,
    label,
    server: (): Server => server,
    bus,
    clock,
    logger: log,
  })
  const server = createServer(chatHandlers, {
    context: ({ hello, connection }): ChatContext => ({
      service,
      lines,
      peers,
      figures,
      visitor: service.arrive(identityOf(hello.auth)),
      clock,
      log: log.child({ connection: connection.id }),
    }),
    eventLogs: lines.eventLogs,
    eventBus: bus,
    // Lines are the only events that clients subscribe to.
    authorizeSubscribe: ({ topic, context: { visitor } }) => visitor.room === topic.room,
    onDetached: ({ context: { visitor } }) => service.detached(visitor),
    onResumed: ({ context: { visitor } }) => service.resumed(visitor),
    onDisconnect: ({ context: { visitor }, reason }) => {
      if (reason.code === 'CLOSED') service.quit(visitor)
      service.lose(visitor)
    },
    log,
    limits: {
      connectionsMax: limits.connectionsMax,
      slowSubscriberBytesMax: limits.unreadBytesMax,
      ...heartbeatLimits,
      resumeWindowMs: limits.nameHeldMs,
    },
    environment,
    ...(backend === undefined ? {} : { backend }),
  })
  return { server, service, figures }
}

/**
 * Who shows this token: a random text that a terminal makes when it starts, and shows with each connection. Its digest is kept, so that nobody who
 * reads the history can show it. Without one nobody can come back.
 */
function identityOf(token: unknown): string | undefined {
  if (typeof token !== 'string' || !/^[\w-]{20,64}$/.test(token)) return undefined
  return createHash('sha256').update(token).digest('base64url')
}
