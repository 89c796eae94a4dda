import { splitLimits, timerMsMax } from '@frameport/protocol/checks'
import {
  defaultConnectionLimits,
  defaultResumeLimits,
  resolveSessionLimits,
  type SessionLimits,
} from '@frameport/protocol/session'
import { ClientError } from './client-error.ts'

/**
 * The limits of one client, in addition to those of its session. Each is an integer from 1 to 2^53 − 1, unless its description says otherwise:
 * neither 0 nor Infinity is valid. The defaults are in {@link clientLimits}.
 */
export interface ClientLimits {
  /**
   * The largest number of items of one stream that the server may send ahead of the loop that reads them. A stream begins with 16, and gets
   * more when the loop waits for items.
   */
  readonly streamWindowItems: number
  /** The bytes of one stream that the server may send ahead. An item may begin as long as one byte is left. */
  readonly streamWindowBytes: number
  /**
   * The largest number of items of one upload of the server that it may send ahead of the handler that reads them. An upload begins with 64, and
   * gets more when the handler waits for items. Until the handler reads, the limit `uploadItems` applies.
   */
  readonly uploadWindowItems: number
  /** The same in bytes. An item may begin as long as one byte is left. Until the handler reads, the limit `uploadBytes` applies. */
  readonly uploadWindowBytes: number
  /** The number of events that may wait for an asynchronous validator. One more ends the connection with LIMIT_EXCEEDED. */
  readonly eventsQueuedMax: number
  /** The bytes of these events on the wire, in total. A single event may be longer. More ends the connection with LIMIT_EXCEEDED. */
  readonly eventBytesQueuedMax: number
  /**
   * How long a client may listen without making a call or receiving an event before `onSilentListener` is called, in milliseconds. At most
   * 2^31 − 1.
   */
  readonly silentListenerMs: number
  /** How long an attempt to connect may take, including credentials and handshake, in milliseconds. At most 2^31 − 1. */
  readonly connectTimeoutMs: number
}

/** The default of each limit of a client. The source has the reasons. */
export const clientLimits: ClientLimits = {
  /** 100,000 items a second at a round-trip time of 10 ms. A stream begins with 16. */
  streamWindowItems: 1_024,
  /** 16 items of 16 KiB. One more body may follow. */
  streamWindowBytes: 256 * 1024,
  /** The same as for a server, whose handlers read in the same way. */
  uploadWindowItems: 1_024,
  uploadWindowBytes: 256 * 1024,
  /** A second of a very busy topic. Synchronous schemas never queue. */
  eventsQueuedMax: 10_000,
  /** The same as a server holds by default for a slow client. */
  eventBytesQueuedMax: 16 * 1024 * 1024,
  /** Longer than a program takes to make its first call, but shorter than a developer waits before looking for the cause. */
  silentListenerMs: 10_000,
  /** The default of the completion port: three SYNs of Linux. */
  connectTimeoutMs: 10_000,
}

/** The option `limits` of a client: its own limits, and those of its session. */
export type ClientLimitOptions = {
  readonly [Name in keyof (ClientLimits & SessionLimits)]?: (ClientLimits & SessionLimits)[Name] | undefined
}

/**
 * Checks the limits when they are given, and splits them into the client's own and those of its session.
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
