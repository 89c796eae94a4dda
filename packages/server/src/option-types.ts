import type { BackendChoice, CompletionPort } from '@frameport/iocp-core'
import type { ContractEvent, Metadata, SessionCloseReason, TopicOf } from '@frameport/protocol'
import type { Interceptor } from '@frameport/protocol/calling'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Hello, ServerConnection } from './connection-types.ts'
import type { EventBus } from './event-bus.ts'
import type { EventLogOption } from './event-log.ts'
import type { ServerLimitOptions } from './limits.ts'
import type { Logger } from './logger.ts'
import type { Server } from './server-types.ts'

/** What hooks of a server can reach: they are written before there is a variable for it. */
export interface HookFacts {
  /** As `server.publish`. */
  readonly publish: Server['publish']
  /** As `server.connections`. */
  readonly connections: Server['connections']
}

/** A subscription that a client asks for. `E`: the events of the contracts that clients subscribe to. */
export interface SubscriptionFacts<Context, E extends ContractEvent = ContractEvent> extends HookFacts {
  readonly event: E
  /** Valid by the event's schema, as the client gave it: transforms have not run. `undefined` for an event without topics. */
  readonly topic: TopicOf<E>
  readonly connection: ServerConnection
  readonly context: Context
  readonly metadata: Metadata
  /**
   * Aborted when the client takes the subscription back while the hook decides, when its connection ends, and when its request is
   * cancelled. What the hook throws then is no failure.
   */
  readonly signal: AbortSignal
}

/** What is known of a connection when a server asks to which share it belongs. */
export interface ShareFacts<Context> {
  /** As the connection shows it: `tcp://192.0.2.1:51234`. */
  readonly remoteEndpoint: string
  /** Undefined when the connection has just arrived. */
  readonly context: Context | undefined
}

/** What is known of a client when a server asks who it is. */
export interface PrincipalFacts<Context> {
  /** What the option `context` made of this hello, or `renewContext` of new credentials. */
  readonly context: Context
  /** With `auth` as it would be with new credentials. Those that answer a challenge do not change it. */
  readonly hello: Hello
}

/** Asks a client for more than its hello showed. What it gives is not validated; `undefined` when it has no answer. */
export type ChallengeFunction = (challenge: unknown) => Promise<unknown>

/** New credentials of a client that was let in before. */
export interface CredentialsFacts<Context> {
  /** What the client gave, as it came: a value of JSON, or bytes. `undefined` when it has no answer to the challenge. */
  readonly auth: unknown
  /** What `connection.challenge` asked. `undefined` when the client gives new credentials by itself. */
  readonly challenge: unknown
  /** Whether the client answers a challenge with them. */
  readonly isAnswer: boolean
  readonly connection: ServerConnection
  /** That of until now. It stays when this one throws, and nobody is told when another one takes its place. */
  readonly context: Context
}

/** How a server calls its clients. */
export interface ClientCallOptions {
  /** Around each call, outermost first. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /**
   * Of each call that gives none itself, in milliseconds. Default: 30,000 for a call that is answered once, since a client may never answer;
   * none for the others.
   */
  readonly defaultDeadlineMs?: number | undefined
  /**
   * A call that a handler makes ends no later than the call that is handled: its deadline is the earlier one of its own and of
   * what is left there. Default true.
   */
  readonly inheritDeadline?: boolean | undefined
}

export interface ServerOptions<Context, ClientEvent extends ContractEvent = ContractEvent> {
  /**
   * Makes the context of a connection from its hello. Throw an RpcError to refuse the client: it sees the code and
   * the text. Anything else that is thrown refuses it with INTERNAL, without the text, and is logged.
   *
   * A client that comes back to its session shows its credentials again, with a `connection` that ends then: what you keep for a
   * client belongs in `onConnection`.
   */
  readonly context?:
    | ((facts: {
        readonly hello: Hello
        readonly connection: ServerConnection
        /**
         * Asks the client for more: a proof, a second factor. A value that JSON can carry, or bytes. As often as `challengesMax` says, one at a time, all within
         * `helloTimeoutMs`; rejects with an RpcError, which refuses the client unless it is caught.
         */
        readonly challenge: ChallengeFunction
      }) => Context | Promise<Context>)
    | undefined
  /**
   * Gives a connection another context, of new credentials: those that the client gives before its old ones expire, and the answer to `connection.challenge`. Calls that come from
   * then on have it; those that run keep theirs. Throw an RpcError to refuse them: the client sees the code and the text, and the context stays (close the connection if it must not).
   * Anything else that is thrown refuses them with INTERNAL, and is logged. What takes longer than `credentialsTimeoutMs` comes to nothing.
   *
   * It has to be the same client, since the connection keeps its subscriptions: give the option `principal`, by which another one is refused with PERMISSION_DENIED, or check it here. Default: new credentials are refused with UNIMPLEMENTED.
   */
  readonly renewContext?: ((facts: CredentialsFacts<Context>) => Context | Promise<Context>) | undefined
  /** A completion port to share. Default: one of the server's own, opened by the first `listen`. */
  readonly completionPort?: CompletionPort | undefined
  /** The back end of the server's own port. Default `auto`. */
  readonly backend?: BackendChoice | undefined
  /** Where the server writes. Default: warnings and errors, on the console. False: nowhere. */
  readonly log?: Logger | false | undefined
  /** Of the server and of each connection's session; the defaults are in `serverLimits`, `defaultConnectionLimits` and `defaultResumeLimits`. */
  readonly limits?: ServerLimitOptions | undefined
  /** Clock, timers and randomness. Default: the real ones. */
  readonly environment?: SessionEnvironment | undefined
  /**
   * Says whether a client may have the events of a topic: `true`, or it is refused with PERMISSION_DENIED. Throw an RpcError
   * to refuse it otherwise. Required, by the compiler too, when a contract has an event with `subscribe: 'clients'`; not
   * asked for any other event. It runs as a handler does: it takes a slot of the client and counts as a handler.
   */
  readonly authorizeSubscribe?:
    | ((facts: SubscriptionFacts<Context, ClientEvent>) => boolean | Promise<boolean>)
    | undefined
  /**
   * Sessions go on over another connection when theirs is lost: what was under way is neither lost nor done twice, for clients
   * that ask for it. Default: on, unless the URL of the peer has the scheme `memory:`, `unix:` or `pipe:`.
   */
  readonly resume?: boolean | undefined
  /**
   * Says who a client is, for a session that goes on: only the one who began it may take it up, and its secret alone is not
   * enough. Asked at each hello, when its context has been made, and of new credentials, which are refused when they are of somebody else. Undefined: nobody in particular.
   * Throw an RpcError to refuse the client, which sees the code and the text. One that throws anything else, or gives no text, refuses it with INTERNAL, and is logged.
   *
   * Default: who shows the same credentials, byte for byte, or those that `renewContext` has taken since; of both a digest is kept. Credentials that change from one connection to
   * the next, as tokens that expire, need a `principal`: `({ context }) => context.user.id`.
   */
  readonly principal?: ((facts: PrincipalFacts<Context>) => string | undefined) | undefined
  /**
   * Events that are kept, and the logs that keep them: each is published with its place in the log, and a client that subscribes again gets
   * what it has missed. Default: none is kept.
   *
   * ```ts
   * createServer(implementation, { eventLogs: [{ log: memoryEventLog(), events: [chat.events.line] }], … })
   * ```
   */
  readonly eventLogs?: readonly EventLogOption[] | undefined
  /**
   * Carries events to other servers, and theirs to this one: to the threads of this process, or to other machines. What `publish` gives then also waits for the bus, and rejects with
   * ServerError `BUS_FAILED` when it fails; subscribers of this server have the event all the same. Events that a log keeps go by the log, which has to be one that servers
   * share (`EventLog.follow`). Default: there are no other servers.
   */
  readonly eventBus?: EventBus | undefined
  /**
   * How old a connection becomes, in milliseconds, a tenth more or less: so that clients go on to servers that were started later. Its client is asked to make its new
   * calls elsewhere, and after `closeGraceMs` it is closed, with that grace for calls that are open. Default: as old as it likes.
   */
  readonly maxConnectionAgeMs?: number | undefined
  /** A client has been let in. One that throws, or whose promise rejects, closes the connection and is logged. */
  readonly onConnection?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
        },
      ) => void)
    | undefined
  /** The connection of a client is lost, and its session waits for another (`resumeWindowMs`). `onResumed` or `onDisconnect` follows. What it throws is logged. */
  readonly onDetached?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
          readonly reason: SessionCloseReason
        },
      ) => void)
    | undefined
  /** A client that was detached has come back, and its session goes on, with the context that it had. What it throws is logged. */
  readonly onResumed?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
        },
      ) => void)
    | undefined
  /**
   * A client has gone for good. Once for each context that was made, even if the client left before it was let in, and not for those that
   * `onContextDropped` is called for. What it throws is logged.
   */
  readonly onDisconnect?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
          readonly reason: SessionCloseReason
        },
      ) => void)
    | undefined
  /**
   * A context that was made for the hello of a client that came back: its session goes on with the context that it had, so that what this one holds can
   * be given back. `connection` is the one that goes on. What it throws is logged.
   */
  readonly onContextDropped?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
        },
      ) => void)
    | undefined
  /**
   * Check outputs, items, event payloads and the data of failures before they are sent, and leave out the members that
   * their schemas leave out: a row of a table does not leak its other columns. A member stays if the schema would make
   * something else of the value without it, which only a transform that gives another shape does.
   *
   * Default true. False sends what handlers give as it is: all of its members reach the client, whose own check hides them
   * from the program there, and from nobody else. Event schemas have to be synchronous unless it is false.
   */
  readonly validateOutputs?: boolean | undefined
  /** How calls of `connection.client(contract)` are made. */
  readonly clientCalls?: ClientCallOptions | undefined
  /**
   * Refuse a call (FAILED_PRECONDITION) whose procedure the client knows with another fingerprint than this server.
   * Default false: a difference refuses nothing, and what does not fit a schema fails where it is received.
   */
  readonly strict?: boolean | undefined
  /**
   * Names the share that a connection belongs to: connections, handlers, refusals and log lines of one share are bounded
   * together (`connectionsPerShareMax` and the like). Asked as a connection arrives, and once more when its context is
   * made, so that a principal can take the place of an address. Undefined for one that is not counted. A session that goes on over another connection belongs to
   * the share of that one.
   *
   * One that throws, or gives no text or an empty one, closes the connection and is logged. Default: {@link addressShare} of
   * `remoteEndpoint`.
   */
  readonly shareKey?: ((facts: ShareFacts<Context>) => string | undefined) | undefined
}

/** Options that a server cannot do without: the context of its handlers, and who may subscribe. */
export type RequiredServerOptions<Context, ClientEvent> =
  | (keyof Context extends never ? never : 'context')
  | ([ClientEvent] extends [never] ? never : 'authorizeSubscribe')

/** `options` may be left out when the handlers ask for no context and no event is subscribed to by clients. */
export type ServerOptionsArguments<Context, ClientEvent extends ContractEvent = never> = [
  RequiredServerOptions<Context, ClientEvent>,
] extends [never]
  ? [options?: ServerOptions<Context, ClientEvent>]
  : [
      options: ServerOptions<Context, ClientEvent> & {
        // Neither left out nor undefined.
        readonly [Name in RequiredServerOptions<Context, ClientEvent>]: NonNullable<
          ServerOptions<Context, ClientEvent>[Name]
        >
      },
    ]

/** The compiler's words for options that were left out. */
interface AdviceTexts {
  readonly context: 'Give { context } to createServer: the handlers were declared with $context'
  readonly authorizeSubscribe: 'Give { authorizeSubscribe } to createServer: clients subscribe to an event of the contract'
}

/** What an implementation would have to be for `createServer` to need no options: the text that the compiler shows. */
export type OptionsAdvice<Context, ClientEvent> = AdviceTexts[RequiredServerOptions<Context, ClientEvent>]
