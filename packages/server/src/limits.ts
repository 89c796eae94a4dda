import { splitLimits, timerMsMax } from '@frameport/protocol/checks'
import { defaultSessionLimits, resolveSessionLimits, type SessionLimits } from '@frameport/protocol/session'
import { ServerError } from './server-error.ts'

/** What one server holds at most, beside the limits of each connection's session. */
export interface ServerLimits {
  /** Connections at once; one more is closed as it arrives, and that is logged. */
  readonly connectionsMax: number
  /** Calls whose handlers run at once, over all connections; one more fails with RESOURCE_EXHAUSTED. */
  readonly handlersInFlightMax: number
  /** Topics one connection can be subscribed to; one more fails with RESOURCE_EXHAUSTED. */
  readonly subscriptionsPerConnectionMax: number
  /** What all connections together may hold for their clients, in bytes: over 7/8 of it calls are refused, over it connections are given up. */
  readonly memoryBytesMax: number
  /** How long all connections together may work in one turn of the event loop, in milliseconds, before timers and others go on. */
  readonly serverTurnMs: number
  /**
   * Bytes of events that wait for subscribers, each event counted once however many wait for it. One over it is left out for
   * those whose connections have no room.
   */
  readonly eventBytesWaitingMax: number
  /** How long `close()` waits for each listener to stop, and for each acceptor to release what it holds, in milliseconds. */
  readonly transportCloseTimeoutMs: number
}

export const serverLimits: ServerLimits = {
  /** Ten times what a chat of a town needs; a process may hold 1,024 descriptors unless told otherwise. */
  connectionsMax: 10_000,
  /** Forty connections that use all of their 256 calls. Each handler holds an input and a promise or two. */
  handlersInFlightMax: 10_000,
  /** Rooms one person is in, generously; each costs some 100 bytes. */
  subscriptionsPerConnectionMax: 1_024,
  /** An eighth of the heap that Node.js takes on a machine of 4 GiB; 10,000 idle connections count as a third of it. */
  memoryBytesMax: 256 * 1024 * 1024,
  /** Two or three connections that use all of their time: a timer is late by 10 ms where a hundred of them are busy. */
  serverTurnMs: 10,
  /** Four subscribers with `slowSubscriberBytesMax` of their own, or any number that wait for the same. */
  eventBytesWaitingMax: 67_108_864,
  /** As the grace of open calls: a listener that stops has nothing to wait for but the system. */
  transportCloseTimeoutMs: 5_000,
}

/** What `limits` of a server's options takes: its own and those of the sessions. */
export type ServerLimitOptions = Partial<ServerLimits> & Partial<SessionLimits>

/**
 * The server's own limits, and those to be handed to each session. All are checked here, when they are given.
 *
 * @throws ServerError `INVALID_LIMITS`
 */
export function resolveServerLimits(given: ServerLimitOptions = {}): {
  readonly server: ServerLimits
  readonly session: Partial<SessionLimits>
} {
  const { own: server, session } = splitLimits(given, {
    own: serverLimits,
    session: defaultSessionLimits,
    checkSession: resolveSessionLimits,
    refusal,
  })
  if (server.transportCloseTimeoutMs > timerMsMax) {
    throw refusal(`transportCloseTimeoutMs is ${server.transportCloseTimeoutMs}, over ${timerMsMax}`)
  }
  return { server, session }
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): ServerError {
  return new ServerError('INVALID_LIMITS', problem, options)
}
