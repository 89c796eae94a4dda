import type { NodeConnectionOptions } from '@nats-io/transport-node'
import type { NatsBrokerLimits, NatsLogLimits } from './limits.ts'

/** Whether a connection to a NATS server stands: `closed` is for good. */
export type NatsBrokerState = 'connected' | 'away' | 'closed'

/** Options of the NATS client that this package sets itself. */
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

export interface NatsBrokerOptions {
  /** Addresses of the NATS servers of one cluster: `nats://10.0.0.1:4222`. Default `nats://127.0.0.1:4222`. */
  readonly servers?: string | readonly string[] | undefined
  /**
   * What all subjects and streams begin with, so that several applications share a NATS account: 1 to 32 letters, digits, `_` and `-`.
   * Default `frameport`.
   */
  readonly prefix?: string | undefined
  /** What a publication, a subscription or a question to JetStream may take: 1 to 2^31 − 1. Default 5,000. */
  readonly requestTimeoutMs?: number | undefined
  /** What connecting to one address may take: 1 to 2^31 − 1. Default 5,000. */
  readonly connectTimeoutMs?: number | undefined
  /** The NATS server is pinged so often: 1 to 2^31 − 1. A connection is given up when two pings have no answer. Default 5,000. */
  readonly pingIntervalMs?: number | undefined
  /** The time between two attempts to connect again to one address, and up to a fifth more by chance: 1 to 2^31 − 1. Default 250. */
  readonly reconnectDelayMs?: number | undefined
  /** Default {@link NatsBrokerLimits}. */
  readonly limits?:
    | { readonly [Name in keyof NatsBrokerLimits]?: NatsBrokerLimits[Name] | undefined }
    | undefined
  /** The rest of what `connect()` of `@nats-io/transport-node` takes: `user` and `pass`, `token`, `authenticator`, `tls`, `name`. */
  readonly connection?: Omit<NodeConnectionOptions, OwnConnectionOption> | undefined
  /**
   * Called when the connection is lost, when it stands again and all topics are listened to again, and when it is closed. What it throws is reported as an
   * uncaught exception.
   */
  readonly onStateChange?: ((state: NatsBrokerState) => void) | undefined
}

export interface NatsLogOptions {
  /** Which log of this prefix: 1 to 32 letters, digits, `_` and `-`. Servers that give the same name share it. Default `events`. */
  readonly name?: string | undefined
  /** Default {@link NatsLogLimits}. A log that is there already takes those of the server that opened it last. */
  readonly limits?: { readonly [Name in keyof NatsLogLimits]?: NatsLogLimits[Name] | undefined } | undefined
  /** `memory`: the log is lost, and another one begins, when the NATS server restarts. Default `file`. */
  readonly storage?: 'file' | 'memory' | undefined
  /** NATS servers of a cluster that keep a copy: 1 to 5. Default 1. */
  readonly replicas?: number | undefined
  /**
   * How long the log knows the `id` of an event, so that the event is kept once however often it is appended: 100 to 2^31 − 1, and at most `limits.ageMs`.
   * Default 120,000.
   */
  readonly rememberIdsMs?: number | undefined
}
