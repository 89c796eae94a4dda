import { splitLimits, timerMsMax } from '@frameport/protocol/checks'
import {
  defaultConnectionLimits,
  defaultResumeLimits,
  resolveSessionLimits,
  type SessionLimits,
} from '@frameport/protocol/session'
import { ServerError } from './server-error.ts'

/**
 * What one server holds at most, beside the limits of each connection's session. Each is a whole number from 1 to 2^53 − 1,
 * unless it says otherwise: there is no limit of 0, and none of Infinity.
 */
export interface ServerLimits {
  /** Connections at once; one more is closed as it arrives, and that is logged. */
  readonly connectionsMax: number
  /** Calls whose handlers run at once, over all connections; one more fails with RESOURCE_EXHAUSTED. */
  readonly handlersInFlightMax: number
  /** Connections of one share at once; one more is closed as it arrives, and that is logged. */
  readonly connectionsPerShareMax: number
  /**
   * Sessions without a connection at once, which wait for their clients (`resumeWindowMs`): over it the one that has waited longest ends. They do not
   * count as connections.
   */
  readonly detachedMax: number
  /** Sessions of one share without a connection at once, in the same way. */
  readonly detachedPerShareMax: number
  /**
   * Handlers of one share that run at once, those that were cancelled and have not stopped included; one more call fails
   * with RESOURCE_EXHAUSTED.
   */
  readonly handlersPerShareMax: number
  /** Calls of one share that may be refused in a second; a connection that has one more refused ends with LIMIT_EXCEEDED. */
  readonly refusalsPerShareSecondMax: number
  /** Lines of each level that the connections of one share may cause in a second. How many more there were is a line of its own. */
  readonly logLinesPerShareSecondMax: number
  /** When a call or a client that was refused for one of these limits is asked to come again, in milliseconds. */
  readonly refusedRetryAfterMs: number
  /** Hints of what was meant by an unknown name, a second, over all connections; further refusals say no more than the name. */
  readonly hintsPerSecondMax: number
  /** Topics one connection can be subscribed to; one more fails with RESOURCE_EXHAUSTED. */
  readonly subscriptionsPerConnectionMax: number
  /** What all connections together may hold for their clients, in bytes: over 7/8 of it calls of the shares that hold most are refused, over it connections are given up. At least 512 KiB, and twice `frameBytesMax`. */
  readonly memoryBytesMax: number
  /** How long all connections together may work in one turn of the event loop, in milliseconds, before timers and others go on. */
  readonly serverTurnMs: number
  /**
   * Bytes of events that wait for subscribers, each event counted once however many wait for it. One over it is left out for
   * those whose connections have no room.
   */
  readonly eventBytesWaitingMax: number
  /** Items of one stream of a client that it may send ahead of the loop that reads them, where the server calls it, at most: it begins with 16, and gets more as that loop waits for items. */
  readonly streamWindowItems: number
  /** The same in bytes; one item may begin while there is any left. */
  readonly streamWindowBytes: number
  /** Items of one upload that its caller may send ahead of the handler, once that reads, at most: it begins with 64, and gets more as the handler waits for items. Before, the limit `uploadItems`. */
  readonly uploadWindowItems: number
  /** The same in bytes; one item may begin while there is any left. Before, the limit `uploadBytes`. */
  readonly uploadWindowBytes: number
  /** Events that a subscriber is sent from a log at once, before the next ones are read, and published ones that wait for that meanwhile. */
  readonly logPageEvents: number
  /** The same in bytes of their payloads; one event may be longer. */
  readonly logPageBytes: number
  /** How long the answer of a log is waited for, in milliseconds. At most 2^31 − 1. */
  readonly logTimeoutMs: number
  /** How long the answer of the bus between servers is waited for, in milliseconds. At most 2^31 − 1. */
  readonly busTimeoutMs: number
  /** How long `close()` waits for each listener to stop, and for each acceptor to release what it holds, in milliseconds. At most 2^31 − 1. */
  readonly transportCloseTimeoutMs: number
}

export const serverLimits: ServerLimits = {
  /** Ten times what a chat of a town needs; a process may hold 1,024 descriptors unless told otherwise. */
  connectionsMax: 10_000,
  /** Forty connections that use all of their 256 calls. Each handler holds an input and a promise or two. */
  handlersInFlightMax: 10_000,
  /** A tenth of all: an office or a mobile network behind one address fits, and ten addresses are needed to take all. */
  connectionsPerShareMax: 1_000,
  /** As many as connections: all clients may lose theirs at once, when a router is started again, and come back. */
  detachedMax: 10_000,
  /** As many as connections of one share, for the same reason. */
  detachedPerShareMax: 1_000,
  /** A tenth of all: four connections of one address can use all of their 256 calls. */
  handlersPerShareMax: 1_000,
  /** Four connections that are refused as often as one of them may be. */
  refusalsPerShareSecondMax: 4_096,
  /** Fifty clients that come and go each second, and some 30 KB of log. */
  logLinesPerShareSecondMax: 100,
  /** Long against the round trip of an attempt, short against a person who waits. */
  refusedRetryAfterMs: 1_000,
  /** Enough for a person who types; a hint compares up to 512 names and costs up to a millisecond. */
  hintsPerSecondMax: 16,
  /** Rooms one person is in, generously; each costs some 256 bytes beside its topic. */
  subscriptionsPerConnectionMax: 1_024,
  /** An eighth of the heap that Node.js takes on a machine of 4 GiB; 10,000 idle connections count as a third of it. */
  memoryBytesMax: 256 * 1024 * 1024,
  /** Two or three connections that use all of their time: with what their handlers do, a timer is late by some 10 ms. */
  serverTurnMs: 5,
  /** Four subscribers with `slowSubscriberBytesMax` of their own, or any number that wait for the same. */
  eventBytesWaitingMax: 67_108_864,
  /** As a client's, which reads in the same way. */
  streamWindowItems: 1_024,
  streamWindowBytes: 256 * 1024,
  /** As of a stream. An upload that is read begins with 64. */
  uploadWindowItems: 1_024,
  /** 2.5 MiB a second over a way there and back of 100 ms. */
  uploadWindowBytes: 256 * 1024,
  /** A page of 64 KiB when events have 1 KiB. */
  logPageEvents: 64,
  /** As much as goes out in one go; a thousand subscribers that come back at once hold 64 MiB. */
  logPageBytes: 64 * 1024,
  /** Long against a round trip to a log on another machine; who asks waits for it with a slot of his. */
  logTimeoutMs: 5_000,
  /** As the answer of a log. */
  busTimeoutMs: 5_000,
  /** As the grace of open calls: a listener that stops has nothing to wait for but the system. */
  transportCloseTimeoutMs: 5_000,
}

/**
 * An eighth of the memory is for connections that hold no more than 64 KiB, and one of those has to fit. So has a frame,
 * whose room doubles while it arrives.
 */
const memoryBytesFloor = 8 * 64 * 1024

/** What `limits` of a server's options takes: its own and those of the sessions. */
export type ServerLimitOptions = {
  readonly [Name in keyof (ServerLimits & SessionLimits)]?: (ServerLimits & SessionLimits)[Name] | undefined
}

/** Of a session where the options of the server are silent. */
const sessionDefaults: SessionLimits = { ...defaultConnectionLimits, ...defaultResumeLimits }

/**
 * The server's own limits, and those to be handed to each session. All are checked here, when they are given.
 *
 * @throws ServerError `INVALID_LIMITS`
 */
export function resolveServerLimits(given: ServerLimitOptions = {}): {
  readonly server: ServerLimits
  /** With those of going on over another connection. */
  readonly session: Partial<SessionLimits>
} {
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
