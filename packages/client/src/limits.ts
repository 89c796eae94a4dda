import { splitLimits, timerMsMax } from '@frameport/protocol/checks'
import {
  defaultConnectionLimits,
  defaultResumeLimits,
  resolveSessionLimits,
  type SessionLimits,
} from '@frameport/protocol/session'
import { ClientError } from './client-error.ts'

/**
 * What one client holds at most, beside the limits of its session. Each is a whole number from 1 to 2^53 − 1, unless it says
 * otherwise: there is no limit of 0, and none of Infinity.
 */
export interface ClientLimits {
  /** Items of one stream that the server may send ahead of the loop that reads them, at most: it begins with 16, and gets more as that loop waits for items. */
  readonly streamWindowItems: number
  /** Bytes of one stream that the server may send ahead; one item may begin while there is any left. */
  readonly streamWindowBytes: number
  /** Items of one upload of the server that it may send ahead of the handler, once that reads, at most: it begins with 64, and gets more as the handler waits for items. Before, the limit `uploadItems`. */
  readonly uploadWindowItems: number
  /** The same in bytes; one item may begin while there is any left. Before, the limit `uploadBytes`. */
  readonly uploadWindowBytes: number
  /** Events that wait for an asynchronous validator; one more ends the connection with LIMIT_EXCEEDED. */
  readonly eventsQueuedMax: number
  /** Their bytes on the wire, all together; one event may be longer. More ends the connection with LIMIT_EXCEEDED, too. */
  readonly eventBytesQueuedMax: number
  /** How long a client may listen, and call and hear nothing, before `onSilentListener` is told, in milliseconds. At most 2^31 − 1. */
  readonly silentListenerMs: number
  /** How long an attempt to connect may take, with credentials and handshake, in milliseconds. At most 2^31 − 1. */
  readonly connectTimeoutMs: number
}

export const clientLimits: ClientLimits = {
  /** 100,000 items a second over a way there and back of 10 ms. A stream begins with 16. */
  streamWindowItems: 1_024,
  /** 16 items of 16 KiB; one body may come on top of it. */
  streamWindowBytes: 256 * 1024,
  /** As a server's, whose handlers read in the same way. */
  uploadWindowItems: 1_024,
  uploadWindowBytes: 256 * 1024,
  /** A second of a very busy topic. Synchronous schemas never queue. */
  eventsQueuedMax: 10_000,
  /** What a server holds by default for a client that does not keep up. */
  eventBytesQueuedMax: 16 * 1024 * 1024,
  /** Longer than a program takes to make its first call, shorter than somebody waits who wonders. */
  silentListenerMs: 10_000,
  /** As the completion port's own: three SYNs of Linux. */
  connectTimeoutMs: 10_000,
}

/** What `limits` of a client's options takes: its own and those of the session. */
export type ClientLimitOptions = {
  readonly [Name in keyof (ClientLimits & SessionLimits)]?: (ClientLimits & SessionLimits)[Name] | undefined
}

/**
 * The client's own limits, and those to be handed to its session. All are checked here, when they are given.
 *
 * @throws ClientError `INVALID_LIMITS`
 */
export function resolveClientLimits(given: ClientLimitOptions = {}): {
  readonly client: ClientLimits
  readonly session: Partial<SessionLimits>
} {
  const { own: client, session } = splitLimits(given, {
    own: clientLimits,
    session: { ...defaultConnectionLimits, ...defaultResumeLimits },
    checkSession: (limits: Partial<SessionLimits>) => resolveSessionLimits(limits),
    refusal,
  })
  for (const name of ['connectTimeoutMs', 'silentListenerMs'] as const) {
    if (client[name] > timerMsMax) throw refusal(`${name} is ${client[name]}, over ${timerMsMax}`)
  }
  return { client, session }
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): ClientError {
  return new ClientError('INVALID_LIMITS', problem, options)
}
