import type { NodeConnectionOptions } from '@nats-io/transport-node'
import type { NatsBrokerLimits, NatsLogLimits } from './limits.ts'

/** The state of a connection to a NATS server. `away`: it is lost, and the package reconnects. `closed` is permanent. */
export type NatsBrokerState = 'connected' | 'away' | 'closed'

/** Options of the NATS client that this package sets itself and that `connection` must not contain. */
export type OwnConnectionOption =
  | 'servers'
  | 'port'
  | 'noEcho'
  | 'timeout'
  | 'pingInterval'
  | 'maxPingOut'
  | 'reconnect'
  | 'maxReconnectAttempts'
  | 'reconnectTimeWait'
  | 'reconnectDelayHandler'
  | 'waitOnFirstConnect'
  | 'ignoreAuthErrorAbort'

/** Options of {@link connectNats}. Times are in milliseconds. */
export interface NatsBrokerOptions {
  /** The address of a NATS server, or the addresses of the servers of one cluster: `nats://10.0.0.1:4222`. `tls://` requires TLS. Default `nats://127.0.0.1:4222`. */
  readonly servers?: string | readonly string[] | undefined
  /**
   * The prefix of all subjects and streams, so that several applications can share a NATS account: 1 to 32 letters, digits, `_` and `-`.
   * Default `frameport`.
   */
  readonly prefix?: string | undefined
  /** The time limit of a publication, a subscription or a request to JetStream: an integer from 1 to 2^31 − 1. Default 5,000. */
  readonly requestTimeoutMs?: number | undefined
  /** The time limit of connecting to one address: an integer from 1 to 2^31 − 1. Default 5,000. */
  readonly connectTimeoutMs?: number | undefined
  /** The interval between two pings: an integer from 1 to 2^31 − 1. When two pings are unanswered, the connection is given up at the next one. Default 5,000. */
  readonly pingIntervalMs?: number | undefined
  /** The time between two attempts to reconnect to one address: an integer from 1 to 2^31 − 1. Up to a fifth of it is added at random. Default 250. */
  readonly reconnectDelayMs?: number | undefined
  /** The limits of the connection. Default {@link natsBrokerLimits}. */
  readonly limits?:
    | { readonly [Name in keyof NatsBrokerLimits]?: NatsBrokerLimits[Name] | undefined }
    | undefined
  /** Further options of `connect()` of `@nats-io/transport-node`, such as `user` and `pass`, `token`, `authenticator`, `tls` and `name`. */
  readonly connection?: Omit<NodeConnectionOptions, OwnConnectionOption> | undefined
  /**
   * Called with the new state when the connection is lost, when it is back and all subscriptions are active again, and when it is closed. If it throws, the
   * error is reported as uncaught.
   */
  readonly onStateChange?: ((state: NatsBrokerState) => void) | undefined
}

/** Options of `log()` of a {@link NatsBroker}. */
export interface NatsLogOptions {
  /** The name of the log: 1 to 32 letters, digits, `_` and `-`. Servers that use the same prefix and name share the log. Default `events`. */
  readonly name?: string | undefined
  /** The limits of the log. Default {@link natsLogLimits}. An existing log gets the limits of the server that opens it last. */
  readonly limits?: { readonly [Name in keyof NatsLogLimits]?: NatsLogLimits[Name] | undefined } | undefined
  /** Where JetStream keeps the events. `memory`: when the NATS server restarts, the log is lost and another one begins. Default `file`. */
  readonly storage?: 'file' | 'memory' | undefined
  /** The number of NATS servers of a cluster that keep a copy: 1 to 5. Default 1. */
  readonly replicas?: number | undefined
  /**
   * How long the log remembers the `id` of an event, in milliseconds. Within this time an event with an `id` is kept once, even if it is appended several
   * times. An integer from 100 to 2^31 − 1, at most `limits.ageMs`. Default 120,000, or `limits.ageMs` if that is less.
   */
  readonly rememberIdsMs?: number | undefined
}
