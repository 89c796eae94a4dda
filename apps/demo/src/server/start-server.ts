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
  /** The place of the stored data, as a part of a sentence. */
  readonly place: string | undefined
  /** Where the other servers of the chat get files, in sentences. */
  readonly peers: readonly string[]
  /** Problems with the stored data, in sentences. */
  readonly warnings: readonly string[]
  /** The URL of the web page, if there is one. */
  readonly pageUrl: string | undefined
  /** Present if the servers of the chat are worker threads. */
  readonly threads?: ChatThreads | undefined
  close(): Promise<void>
}

export interface ChatThreads {
  readonly count: number
  readonly asked: number
  /** The reason why there is only one, if several cannot share a port. */
  readonly alone: string | undefined
}

/** A server of the chat, its rules and its figures. */
export interface ChatServer {
  readonly server: Server
  readonly service: ChatService
  readonly figures: FiguresExchange
}

/** The environment of a chat server: a process of its own, or one of several threads. */
export interface ChatHost {
  /** Default: the real one. */
  readonly environment?: SessionEnvironment | undefined
  /** Default: a process of its own. */
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
 * @throws IocpError when it cannot listen there, or not with that back end; Error when the folder of its data cannot be
 * used
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

/** Runs one server of the chat on a store. The server closes the store when it closes. */
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
    /**
     * There is no load balancer in front of the one address, so the close is not announced in advance. Terminals wait
     * for the next server at once.
     */
    async close() {
      await service.close()
      await figures.close()
      await Promise.all([server.close({ graceMs: limits.closeGraceMs }), peers?.close()])
      await page?.close()
      await store.close()
    },
  }
}

/**
 * Accepts members when this server knows the roster. If one part cannot be opened, this closes the other parts again.
 */
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
    // A server that does not listen has nothing to close, and would log that it closes.
    if (server.stats().listeners.length > 0) await server.close({ graceMs: 0 })
    await peers?.close()
    throw error
  }
}

function peersOf(options: ServerOptions, service: ChatService, log: Logger): Promise<PeerServer> {
  const { host: listenHost, peerPort: port = 0, backend } = options
  // Listen on the same address as the chat, so that both are reachable from the same machines.
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

/** Creates a chat server that does not listen yet. Its service has to be started first. */
export function createChatServer(
  options: Pick<ServerOptions, 'membersMax' | 'backend' | 'label'> & {
    /** Keeps the lines and the roster. The servers of one chat share it. */
    readonly log: EventHistory
    /** The bus to the other servers. Default: there are no other servers. */
    readonly bus?: EventBus | undefined
    /** Returns true while the log cannot be reached. Default: always false. */
    readonly isAway?: (() => boolean) | undefined
    /** Default: one of its own. */
    readonly process?: ServerProcess | undefined
    /** The environment of the server. Default: the real one. */
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
 * The identity behind a token, which is a random text that a client creates when it starts and presents with each
 * connection. Only the digest is kept, so that a person who reads the log cannot present the token. A client without a
 * token cannot come back.
 */
function identityOf(token: unknown): string | undefined {
  if (typeof token !== 'string' || !/^[\w-]{20,64}$/.test(token)) return undefined
  return createHash('sha256').update(token).digest('base64url')
}
