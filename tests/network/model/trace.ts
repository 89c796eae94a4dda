/** The directions in which a call sends data. */
export type CallKind = 'unary' | 'server-stream' | 'client-stream' | 'both-ways' | 'one-way'

/** Whether the callee sends items. */
export function hasItems(kind: CallKind): boolean {
  return kind === 'server-stream' || kind === 'both-ways'
}

/** Whether the caller sends items. */
export function hasUpload(kind: CallKind): boolean {
  return kind === 'client-stream' || kind === 'both-ways'
}

/** What the model knows about a run before it begins. Times are in milliseconds. */
export interface Facts {
  /** The rate of the clock of each host compared with that of the world, by name. */
  readonly clockRates: Readonly<Record<string, number>>
  /** The maximum time that a client may take to connect, with the handshake. */
  readonly connectTimeoutMs: number
  /** The maximum time that an orderly close may take beyond its grace period. */
  readonly closeExtraMs: number
  /** The maximum time in which everything must settle after faults have stopped. */
  readonly settleMs: number
  /** Whether clients reconnect after they have lost their connection. */
  readonly reconnects: boolean
  /** Whether sessions are resumed over another connection. */
  readonly resumes: boolean
  /** The event that the log of each server host keeps, whichever server runs there. Undefined: no event is kept. */
  readonly loggedEvent: string | undefined
  /** The number of events that the log keeps for each topic. */
  readonly loggedEventsMax: number
  /** Whether all server hosts share one log. */
  readonly logIsShared: boolean
  /** Hosts whose servers refuse every client, and hosts without a listener. */
  readonly lettingNobodyIn: readonly string[]
  /**
   * The minimum age of a connection at which its server asks the client to go elsewhere. Infinity: connections have no
   * maximum age.
   */
  readonly connectionAgeMinMs: number
  /**
   * The time within which a client replaces a connection that ended at its age. 0 if connections have no maximum age.
   */
  readonly clientMovesMs: number
  /** The maximum age at which the server asks. */
  readonly connectionAgeMaxMs: number
  /** The minimum time of calls that were sent over such a connection. */
  readonly agedGraceMs: number
  /** The time within which such a connection has ended. */
  readonly connectionLeavesMs: number
  /** The time for which each side keeps a session without a connection, on its own clock. */
  readonly clientWindowMs: number
  readonly serverWindowMs: number
  /** The time without a lasting connection after which a client gives up. */
  readonly reconnectTimeoutMs: number
}

/** The result of a call at its caller. */
export type Outcome =
  | { readonly how: 'result'; readonly value: number }
  /** The stream delivered all its items. */
  | { readonly how: 'end' }
  /** A one-way call was passed to the connection. */
  | { readonly how: 'sent' }
  /** The caller left its loop over the items. */
  | { readonly how: 'left' }
  | {
      readonly how: 'failure'
      readonly code: string
      readonly maybeExecuted: boolean
      /** The value in the data of the failure. */
      readonly value?: number | undefined
    }

/** The end of a handler. */
export type Ending =
  | { readonly how: 'result'; readonly value: number }
  | { readonly how: 'end' }
  | { readonly how: 'failure'; readonly code: string; readonly value?: number | undefined }

/** What the test does to hosts and the ways between them. */
export type Fault =
  | { readonly what: 'start' | 'kill' | 'suspend' | 'resume' }
  /** Connections between the host and `other` break, immediately or after a number of bytes. */
  | { readonly what: 'cut'; readonly other: string; readonly how: string }
  /** Nothing arrives on the way to `other` until it is released. */
  | { readonly what: 'hold'; readonly other: string; readonly how: string }
  | { readonly what: 'release'; readonly other: string }
  /** The way to `other` becomes faster or slower, which breaks nothing. */
  | { readonly what: 'configure'; readonly other: string; readonly how: string }
  | { readonly what: 'faultsStop' }

/**
 * What the application does with connections. A link is one client of its library from its creation to its end. It
 * survives cuts, and may have several sessions, one after the other; `served` is the number of one at its server.
 */
export type LinkAct =
  | { readonly what: 'connect'; readonly link: number; readonly to: readonly string[] }
  /** The orderly close of the link was requested. `closeSettled` says that its promise has settled. */
  | { readonly what: 'close'; readonly link: number; readonly graceMs: number }
  | { readonly what: 'closeSettled'; readonly link: number }
  /** The server closes one session, or all of them together with itself. */
  | {
      readonly what: 'dismiss'
      readonly link: number
      readonly served: number
      readonly graceMs: number
    }
  | { readonly what: 'dismissSettled'; readonly link: number; readonly served: number }
  | { readonly what: 'listen'; readonly server: number }
  /** The server continues normally for `announceMs` before the grace period begins. */
  | {
      readonly what: 'closeServer'
      readonly server: number
      readonly announceMs: number
      readonly graceMs: number
    }
  | { readonly what: 'closeServerSettled'; readonly server: number }

/** What the library reports about connections. */
export type LinkTold =
  | { readonly what: 'opened'; readonly link: number }
  | { readonly what: 'closed'; readonly link: number; readonly code: string }
  /**
   * A connection exists, for the same session or for a new one. It was made to this host, by this attempt of the link.
   */
  | {
      readonly what: 'session'
      readonly link: number
      readonly to: string
      readonly attempt: number
      readonly isResumed: boolean
      readonly isFirst: boolean
      /** Bytes that were sent without a confirmation. */
      readonly keptBytes: number
    }
  /** The connection was lost, and the client tries to connect again. */
  | { readonly what: 'lost'; readonly link: number; readonly keptBytes: number }
  /** At the server: this attempt of the link began a session. */
  | {
      readonly what: 'accepted'
      readonly link: number
      readonly served: number
      readonly server: number
      readonly attempt: number
    }
  /** The session has lost its connection, or has another one. */
  | (({ readonly what: 'detached' } | { readonly what: 'attached' }) & {
      readonly link: number
      readonly served: number
      readonly keptBytes: number
    })
  | { readonly what: 'gone'; readonly link: number; readonly served: number; readonly code: string }

/** What a caller does and observes. Each call of a run has its own number. */
export type CallerEntry =
  | {
      readonly what: 'call'
      readonly call: number
      readonly link: number
      /** For a call of a server: the session on which it is made. */
      readonly served?: number | undefined
      readonly kind: CallKind
      readonly isIdempotent: boolean
      /** Whether the stream continues after its last item when its session was replaced. */
      readonly resumes: boolean
      /** Infinity without a deadline. */
      readonly deadlineMs: number
      readonly input: string
    }
  | { readonly what: 'cancel'; readonly call: number }
  /** It waits for an item. */
  | { readonly what: 'ask'; readonly call: number }
  | { readonly what: 'item'; readonly call: number; readonly number: number }
  /** The items of its upload count from 0. */
  | { readonly what: 'give'; readonly call: number; readonly number: number }
  | { readonly what: 'giveEnd'; readonly call: number }
  | { readonly what: 'sourceFails'; readonly call: number }
  /** The source of its upload was left, or has ended, and is no longer read. */
  | { readonly what: 'sourceLeft'; readonly call: number }
  | { readonly what: 'settled'; readonly call: number; readonly outcome: Outcome }

/** Identifies a handler: by its call, and on a server also by the session. */
interface OfHandler {
  readonly call: number
  readonly served?: number | undefined
}

/**
 * What a handler observes and does. Items count from 0 in each direction; a stream that continues begins at a later
 * one.
 */
export type HandlerEntry = OfHandler &
  (
    | {
        readonly what: 'begin'
        readonly link: number
        readonly input: string
        readonly from: number
        /** The time to its deadline, on its clock. Infinity without one. */
        readonly leftMs: number
      }
    | { readonly what: 'yield'; readonly number: number }
    | { readonly what: 'take'; readonly number: number }
    | { readonly what: 'takeEnd' }
    | { readonly what: 'aborted' }
    | { readonly what: 'end'; readonly ending: Ending }
  )

/** An event with its topic as in traces: `news lobby`. Numbers of events are unique in a run. */
export type EventEntry =
  | {
      readonly what: 'publish'
      readonly server: number
      readonly topic: string
      readonly number: number
    }
  | {
      readonly what: 'listenTo'
      readonly link: number
      readonly topic: string
      /** Who subscribes: the client itself, or a handler of the server. */
      readonly by: 'clients' | 'handlers'
    }
  /** At the server: a handler subscribes its client for the rest of its session. */
  | {
      readonly what: 'subscribes'
      readonly link: number
      readonly served: number
      readonly topic: string
    }
  /** From now on the server sends the events of the topic. */
  | { readonly what: 'subscribed'; readonly link: number; readonly topic: string }
  | { readonly what: 'subscribeFailed'; readonly link: number; readonly topic: string; readonly code: string }
  | { readonly what: 'stopListening'; readonly link: number; readonly topic: string }
  | { readonly what: 'event'; readonly link: number; readonly topic: string; readonly number: number }
  | { readonly what: 'gap'; readonly link: number; readonly topic: string }

/** What the test observes between its actions. */
export type Seen =
  /** No microtask is pending anywhere. */
  | { readonly what: 'quiet' }
  /** Faults have stopped, and everything has had enough time. */
  | { readonly what: 'rest' }
  /** Everything is at rest: the number of open calls at both ends of a link that is in use. */
  | { readonly what: 'restOf'; readonly link: number; readonly there: number; readonly here: number }
  | {
      readonly what: 'restOfServer'
      readonly server: number
      readonly connections: number
      /** The sessions that wait for their clients. */
      readonly detached: number
    }
  /** A report that is correct whenever it occurs. A run without any shows little. */
  | { readonly what: 'noted'; readonly text: string }
  /** A report that must never occur: a listener or hook that failed, or an event that could not be read. */
  | { readonly what: 'reported'; readonly text: string }
  /** Everything is closed: what a library still counts, and what the clock and the network still hold. */
  | { readonly what: 'left'; readonly texts: readonly string[] }

export type Act = Fault | LinkAct | LinkTold | CallerEntry | HandlerEntry | EventEntry | Seen

/** Something that happened on a host, or to it. `atMs` is the time of the world. */
export type Entry = { readonly atMs: number; readonly host: string } & Act

/** The entry of this kind. */
export type EntryOf<What extends Act['what']> = Extract<Entry, { readonly what: What }>
