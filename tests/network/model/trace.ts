/** What goes forth and back in a call. */
export type CallKind = 'unary' | 'server-stream' | 'client-stream' | 'both-ways' | 'one-way'

/** The callee sends items. */
export function hasItems(kind: CallKind): boolean {
  return kind === 'server-stream' || kind === 'both-ways'
}

/** The caller sends items. */
export function hasUpload(kind: CallKind): boolean {
  return kind === 'client-stream' || kind === 'both-ways'
}

/** What the model knows of a run before it begins. Milliseconds. */
export interface Facts {
  /** By name of the host: how fast its clock is against that of the world. */
  readonly clockRates: Readonly<Record<string, number>>
  /** How long a client may take to connect, with the handshake. */
  readonly connectTimeoutMs: number
  /** What an end in order may take beyond its grace. */
  readonly closeExtraMs: number
  /** How long everything may take to settle once faults have stopped. */
  readonly settleMs: number
  /** Whether clients connect again when they have lost their connection. */
  readonly reconnects: boolean
  /** Whether sessions go on over another connection. */
  readonly resumes: boolean
  /** The event that a log of each server host keeps, whatever server runs there. Undefined: none is kept. */
  readonly loggedEvent: string | undefined
  /** Of each topic it keeps as many of them. */
  readonly loggedEventsMax: number
  /** It is one log for all of them. */
  readonly logIsShared: boolean
  /** Hosts whose servers refuse every client for good, and those on which nothing listens. */
  readonly lettingNobodyIn: readonly string[]
  /** How old a connection is at least when its server asks the client to go elsewhere. Infinity: however old it is. */
  readonly connectionAgeMinMs: number
  /** A client whose connection ended at its age has another one by then. 0 where connections have no age. */
  readonly clientMovesMs: number
  /** And at most. */
  readonly connectionAgeMaxMs: number
  /** How long calls that were sent over such a connection have at least. */
  readonly agedGraceMs: number
  /** When it has ended at the latest, from then on. */
  readonly connectionLeavesMs: number
  /** How long a session without a connection is kept: by each side on its own clock. */
  readonly clientWindowMs: number
  readonly serverWindowMs: number
  /** After how long without a connection that lasted a client gives up. */
  readonly reconnectTimeoutMs: number
}

/** How a call settled at its caller. */
export type Outcome =
  | { readonly how: 'result'; readonly value: number }
  /** The stream gave all its items. */
  | { readonly how: 'end' }
  /** A call without an answer was handed to the connection. */
  | { readonly how: 'sent' }
  /** The caller left its loop over the items. */
  | { readonly how: 'left' }
  | {
      readonly how: 'failure'
      readonly code: string
      readonly maybeExecuted: boolean
      /** Of the data that the failure carries. */
      readonly value?: number | undefined
    }

/** How a handler ended. */
export type Ending =
  | { readonly how: 'result'; readonly value: number }
  | { readonly how: 'end' }
  | { readonly how: 'failure'; readonly code: string; readonly value?: number | undefined }

/** What the test does to hosts and to the ways between them. */
export type Fault =
  | { readonly what: 'start' | 'kill' | 'suspend' | 'resume' }
  /** Connections between the host and `other` break: at once, or later when so many bytes have travelled. */
  | { readonly what: 'cut'; readonly other: string; readonly how: string }
  /** Nothing arrives on the way to `other`, until its release. */
  | { readonly what: 'hold'; readonly other: string; readonly how: string }
  | { readonly what: 'release'; readonly other: string }
  /** The way to `other` is faster or slower from now on, which breaks nothing. */
  | { readonly what: 'configure'; readonly other: string; readonly how: string }
  | { readonly what: 'faultsStop' }

/**
 * What the application does with connections. A link is one client of its library, from its making to its end. It lives through cuts, and
 * may have several sessions, one after the other; `served` is the number of one at its server.
 */
export type LinkAct =
  | { readonly what: 'connect'; readonly link: number; readonly to: readonly string[] }
  /** Its end in order was asked for; `settled` says that the promise of it has settled. */
  | { readonly what: 'close'; readonly link: number; readonly graceMs: number }
  | { readonly what: 'closeSettled'; readonly link: number }
  /** The server ends one session, or all of them with itself. */
  | {
      readonly what: 'dismiss'
      readonly link: number
      readonly served: number
      readonly graceMs: number
    }
  | { readonly what: 'dismissSettled'; readonly link: number; readonly served: number }
  | { readonly what: 'listen'; readonly server: number }
  /** For `announceMs` everything goes on there, before the grace begins. */
  | {
      readonly what: 'closeServer'
      readonly server: number
      readonly announceMs: number
      readonly graceMs: number
    }
  | { readonly what: 'closeServerSettled'; readonly server: number }

/** What the library says of connections. */
export type LinkTold =
  | { readonly what: 'opened'; readonly link: number }
  | { readonly what: 'closed'; readonly link: number; readonly code: string }
  /** There is a connection, for the session of before or for another one. It was made to this host, by this attempt of the link. */
  | {
      readonly what: 'session'
      readonly link: number
      readonly to: string
      readonly attempt: number
      readonly isResumed: boolean
      readonly isFirst: boolean
      /** Sent, and not known to have come. */
      readonly keptBytes: number
    }
  /** There is no connection any more, and another one is tried. */
  | { readonly what: 'lost'; readonly link: number; readonly keptBytes: number }
  /** At the server: a session begins, by this attempt of the link. */
  | {
      readonly what: 'accepted'
      readonly link: number
      readonly served: number
      readonly server: number
      readonly attempt: number
    }
  /** It has lost its connection, and has another one. */
  | (({ readonly what: 'detached' } | { readonly what: 'attached' }) & {
      readonly link: number
      readonly served: number
      readonly keptBytes: number
    })
  | { readonly what: 'gone'; readonly link: number; readonly served: number; readonly code: string }

/** What a caller does, and sees. Each call of a run has a number of its own. */
export type CallerEntry =
  | {
      readonly what: 'call'
      readonly call: number
      readonly link: number
      /** Of a call of a server: the session that it is made on. */
      readonly served?: number | undefined
      readonly kind: CallKind
      readonly isIdempotent: boolean
      /** A stream that goes on behind its last item when its session was replaced. */
      readonly resumes: boolean
      /** Infinity for none. */
      readonly deadlineMs: number
      readonly input: string
    }
  | { readonly what: 'cancel'; readonly call: number }
  /** It waits for an item. */
  | { readonly what: 'ask'; readonly call: number }
  | { readonly what: 'item'; readonly call: number; readonly number: number }
  /** Items of its upload count from 0. */
  | { readonly what: 'give'; readonly call: number; readonly number: number }
  | { readonly what: 'giveEnd'; readonly call: number }
  | { readonly what: 'sourceFails'; readonly call: number }
  /** The source of its upload was left, or came to its end: nobody reads it any more. */
  | { readonly what: 'sourceLeft'; readonly call: number }
  | { readonly what: 'settled'; readonly call: number; readonly outcome: Outcome }

/** Which handler: that of a call, and on a server the session that it runs for. */
interface OfHandler {
  readonly call: number
  readonly served?: number | undefined
}

/** What a handler sees, and does. Items count from 0 in each direction; a stream that goes on begins at a later one. */
export type HandlerEntry = OfHandler &
  (
    | {
        readonly what: 'begin'
        readonly link: number
        readonly input: string
        readonly from: number
        /** What it is told of its deadline, on its clock. Infinity for none. */
        readonly leftMs: number
      }
    | { readonly what: 'yield'; readonly number: number }
    | { readonly what: 'take'; readonly number: number }
    | { readonly what: 'takeEnd' }
    | { readonly what: 'aborted' }
    | { readonly what: 'end'; readonly ending: Ending }
  )

/** A topic of an event, as it stands in traces: `news lobby`. Numbers of events are unique in a run. */
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
      /** Who subscribes: the client by itself, or a handler of the server. */
      readonly by: 'clients' | 'handlers'
    }
  /** At the server: a handler subscribes its client, for as long as its session lasts. */
  | {
      readonly what: 'subscribes'
      readonly link: number
      readonly served: number
      readonly topic: string
    }
  /** From now on the server sends what is published under the topic. */
  | { readonly what: 'subscribed'; readonly link: number; readonly topic: string }
  | { readonly what: 'subscribeFailed'; readonly link: number; readonly topic: string; readonly code: string }
  | { readonly what: 'stopListening'; readonly link: number; readonly topic: string }
  | { readonly what: 'event'; readonly link: number; readonly topic: string; readonly number: number }
  | { readonly what: 'gap'; readonly link: number; readonly topic: string }

/** What the test looks at between its acts. */
export type Seen =
  /** Nothing is queued as a microtask anywhere. */
  | { readonly what: 'quiet' }
  /** Faults have stopped, and everything had its time. */
  | { readonly what: 'rest' }
  /** Everything is at rest: calls that the two ends of a link that is in use count as open. */
  | { readonly what: 'restOf'; readonly link: number; readonly there: number; readonly here: number }
  | {
      readonly what: 'restOfServer'
      readonly server: number
      readonly connections: number
      /** Those that wait for their clients. */
      readonly detached: number
    }
  /** What an application is told that is right whenever it happens. A run in which it never does shows little. */
  | { readonly what: 'noted'; readonly text: string }
  /** What nothing should make a library report: a listener or hook that it could not run, an event that it could not read. */
  | { readonly what: 'reported'; readonly text: string }
  /** Everything is closed: what a library still counts, and what clock and network still hold. */
  | { readonly what: 'left'; readonly texts: readonly string[] }

export type Act = Fault | LinkAct | LinkTold | CallerEntry | HandlerEntry | EventEntry | Seen

/** What happened on a host, or was done to it. `atMs` is the time of the world. */
export type Entry = { readonly atMs: number; readonly host: string } & Act

/** The entry of this kind. */
export type EntryOf<What extends Act['what']> = Extract<Entry, { readonly what: What }>
