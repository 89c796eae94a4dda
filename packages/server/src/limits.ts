import { splitLimits, timerMsMax } from '@frameport/protocol/checks'
import {
  defaultConnectionLimits,
  defaultResumeLimits,
  resolveSessionLimits,
  type SessionLimits,
} from '@frameport/protocol/session'
import { ServerError } from './server-error.ts'

/**
 * The limits of one server, in addition to those of the session of each connection. Each is an integer from 1 to 2^53 −
 * 1 unless its description says otherwise; 0 and Infinity are refused.
 */
export interface ServerLimits {
  /** The number of connections at a time. A further one is closed when it arrives, and logged. Default: 10,000. */
  readonly connectionsMax: number
  /**
   * The number of handlers that run at a time, for all connections. A further call fails with RESOURCE_EXHAUSTED. A
   * cancelled handler counts until it has stopped. Default: 10,000.
   */
  readonly handlersInFlightMax: number
  /**
   * The number of connections of one share at a time. A further one is closed when it arrives, and logged. Default:
   * 1,000.
   */
  readonly connectionsPerShareMax: number
  /**
   * The number of detached sessions, which wait for their clients for `resumeWindowMs`. When it is exceeded, the
   * session that has waited longest ends. They do not count as connections. Default: 10,000.
   */
  readonly detachedMax: number
  /** The number of detached sessions of one share, in the same way. Default: 1,000. */
  readonly detachedPerShareMax: number
  /**
   * The number of handlers that run at a time for one share, including cancelled ones that have not stopped. A further
   * call fails with RESOURCE_EXHAUSTED. Default: 1,000.
   */
  readonly handlersPerShareMax: number
  /**
   * The number of refused calls of one share per second. After that, a connection whose call is refused ends with
   * LIMIT_EXCEEDED. Default: 4,096.
   */
  readonly refusalsPerShareSecondMax: number
  /**
   * The number of log lines of each level per second for the connections of one share. A line per second says how many
   * were left out. Default: 100.
   */
  readonly logLinesPerShareSecondMax: number
  /**
   * The `retryAfterMs` of calls and clients that are refused because of a limit of handlers, connections or a share, in
   * milliseconds. Default: 1,000.
   */
  readonly refusedRetryAfterMs: number
  /**
   * The number of hints ("Did you mean …?") for unknown names per second, for all connections. Further refusals have
   * only the name. Default: 16.
   */
  readonly hintsPerSecondMax: number
  /**
   * The number of topics that one connection can be subscribed to. A further `subscribe` fails with RESOURCE_EXHAUSTED.
   * Default: 1,024.
   */
  readonly subscriptionsPerConnectionMax: number
  /**
   * The bytes that all connections together may hold for their clients. From 7/8 of it on, calls of the shares that
   * hold most fail with RESOURCE_EXHAUSTED; when it is exceeded, the connections that hold most are closed with
   * OVERLOADED. At least 524,288, and at least twice `frameBytesMax`. Default: 256 MiB.
   */
  readonly memoryBytesMax: number
  /**
   * The time that all connections together may use in one turn of the event loop, in milliseconds, before timers and
   * other work continue. Default: 5.
   */
  readonly serverTurnMs: number
  /**
   * The bytes of events that wait for subscribers. Each event counts once, for however many subscribers it waits. When
   * it is exceeded, a further event is left out for subscribers that have no room. Default: 64 MiB.
   */
  readonly eventBytesWaitingMax: number
  /**
   * The maximum number of items that a client may send ahead in a stream that the server reads from it. The window
   * starts with 16 and doubles while the reader waits for items. Default: 1,024.
   */
  readonly streamWindowItems: number
  /** The same in bytes; an item may start while any bytes are left. Default: 256 KiB. */
  readonly streamWindowBytes: number
  /**
   * The maximum number of items that a caller may send ahead of the handler that reads its upload. The window starts
   * with 64 and doubles while the handler waits for items. Before the handler reads, the limit `uploadItems` applies.
   * Default: 1,024.
   */
  readonly uploadWindowItems: number
  /**
   * The same in bytes; an item may start while any bytes are left. Before the handler reads, the limit `uploadBytes`
   * applies. Default: 256 KiB.
   */
  readonly uploadWindowBytes: number
  /**
   * The number of events that a subscriber is sent from a log before the next ones are read. Also the number of newly
   * published events that wait meanwhile. Default: 64.
   */
  readonly logPageEvents: number
  /** The same in bytes of their payloads; a single event may be longer. Default: 64 KiB. */
  readonly logPageBytes: number
  /** The time that a log may take to answer, in milliseconds, at most 2^31 − 1. Default: 5,000. */
  readonly logTimeoutMs: number
  /** The time that the `eventBus` may take to answer, in milliseconds, at most 2^31 − 1. Default: 5,000. */
  readonly busTimeoutMs: number
  /**
   * The time that `close()` waits for each listener to stop, and for each acceptor to release its resources, in
   * milliseconds, at most 2^31 − 1. Default: 5,000.
   */
  readonly transportCloseTimeoutMs: number
}

/** The defaults of {@link ServerLimits}. */
export const serverLimits: ServerLimits = {
  /** Ten times as many as the chat of a town needs; by default, a process may have 1,024 descriptors. */
  connectionsMax: 10_000,
  /** Forty connections that use all of their 256 calls. Each handler holds an input and a promise or two. */
  handlersInFlightMax: 10_000,
  /**
   * A tenth of all: an office or a mobile network behind one address fits, and ten addresses are needed to take all.
   */
  connectionsPerShareMax: 1_000,
  /** As many as connections: all clients may lose theirs at once, when a router restarts, and come back. */
  detachedMax: 10_000,
  /** As many as connections of one share, for the same reason. */
  detachedPerShareMax: 1_000,
  /** A tenth of all: four connections of one address can use all of their 256 calls. */
  handlersPerShareMax: 1_000,
  /** Four connections, each at its own limit of refusals. */
  refusalsPerShareSecondMax: 4_096,
  /** Fifty clients that connect and disconnect each second: about 30 KB of log. */
  logLinesPerShareSecondMax: 100,
  /** Long compared with the round trip of an attempt, and short for a waiting person. */
  refusedRetryAfterMs: 1_000,
  /** Enough for a person who types; a hint compares up to 512 names and costs up to a millisecond. */
  hintsPerSecondMax: 16,
  /** More rooms than one person needs; each costs about 256 bytes in addition to its topic. */
  subscriptionsPerConnectionMax: 1_024,
  /** An eighth of the heap that Node.js takes on a machine of 4 GiB; 10,000 idle connections count as a third of it. */
  memoryBytesMax: 256 * 1024 * 1024,
  /** Two or three connections that use all of their time: with their handlers, a timer is about 10 ms late. */
  serverTurnMs: 5,
  /** Four subscribers that use all of `slowSubscriberBytesMax`, or any number that wait for the same events. */
  eventBytesWaitingMax: 67_108_864,
  /** The same as the client, which reads in the same way. */
  streamWindowItems: 1_024,
  streamWindowBytes: 256 * 1024,
  /** The same as a stream. The window of an upload starts with 64. */
  uploadWindowItems: 1_024,
  /** 2.5 MiB per second at a round-trip time of 100 ms. */
  uploadWindowBytes: 256 * 1024,
  /** A page of 64 KiB when events have 1 KiB. */
  logPageEvents: 64,
  /** As much as is sent at once; a thousand subscribers that come back at the same time hold 64 MiB. */
  logPageBytes: 64 * 1024,
  /**
   * Long compared with a round trip to a log on another machine; a request occupies a call of its client until then.
   */
  logTimeoutMs: 5_000,
  /** The same as for a log. */
  busTimeoutMs: 5_000,
  /** The same as the grace of open calls: a stopping listener only waits for the system. */
  transportCloseTimeoutMs: 5_000,
}

/**
 * An eighth of the memory is for connections that hold at most 64 KiB, and must fit at least one of them. It must also
 * fit a frame, whose buffer doubles while it arrives.
 */
const memoryBytesFloor = 8 * 64 * 1024

/** The option `limits` of a server: limits of the server and of the sessions, each with a default. */
export type ServerLimitOptions = {
  readonly [Name in keyof (ServerLimits & SessionLimits)]?: (ServerLimits & SessionLimits)[Name] | undefined
}

/** The defaults of a session. */
const sessionDefaults: SessionLimits = { ...defaultConnectionLimits, ...defaultResumeLimits }

/** All limits of a server, with the defaults of those that were not given. */
export interface ResolvedServerLimits {
  readonly server: ServerLimits
  /** Including those of resuming. */
  readonly session: Partial<SessionLimits>
}

/**
 * Checks the limits when they are given, and splits them into those of the server and those of each session.
 *
 * @throws ServerError `INVALID_LIMITS`
 */
export function resolveServerLimits(given: ServerLimitOptions = {}): ResolvedServerLimits {
  const { own: server, session } = splitLimits(given, {
    own: serverLimits,
    session: sessionDefaults,
    checkSession: (limits: Partial<SessionLimits>) => resolveSessionLimits(limits),
    refusal,
  })
  const { frameBytesMax } = { ...sessionDefaults, ...session }
  const least = Math.max(memoryBytesFloor, 2 * frameBytesMax)
  if (server.memoryBytesMax < least) {
    throw refusal(
      `memoryBytesMax is ${server.memoryBytesMax}: it must be at least ${least}, since frameBytesMax is ${frameBytesMax}`,
    )
  }
  for (const name of ['transportCloseTimeoutMs', 'logTimeoutMs', 'busTimeoutMs'] as const)
    if (server[name] > timerMsMax)
      throw refusal(`${name} is ${server[name]}, over the maximum of ${timerMsMax} ms`)
  return { server, session: { ...defaultResumeLimits, ...session } }
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): ServerError {
  return new ServerError('INVALID_LIMITS', problem, options)
}
