import type { ByteStream } from '@frameport/framing'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { VirtualClock } from '../virtual-clock.ts'

/** The latency of one direction, in milliseconds: a fixed number, or a range from which a value is drawn for each piece. Pieces stay in order, as in TCP. */
export type SimLatency =
  | number
  | {
      /** The minimum, 0 or more. */
      readonly minMs: number
      /** The maximum, at most 2^31 − 1. */
      readonly maxMs: number
    }

/** Options of the way between two hosts. They apply to both directions. */
export interface SimWayOptions {
  /** The time that a piece takes to the other host. Default 1 to 5 ms. */
  readonly latencyMs?: SimLatency | undefined
  /** The rate of one direction of one connection: 1 or more, or Infinity. Default Infinity. */
  readonly bytesPerSecond?: number | undefined
  /** The number of undelivered bytes in one direction of a connection above which the sender's queue grows. Default 65,536. */
  readonly windowBytes?: number | undefined
  /** The longest piece, in bytes. Bytes travel in pieces of random sizes from 1 to this. Default 1,448, the payload of a TCP segment on Ethernet. */
  readonly pieceBytesMax?: number | undefined
}

/** Options of {@link createSimNetwork}. Those of ways are the defaults of all its ways. */
export interface SimNetworkOptions extends SimWayOptions {
  /** The seed of all random choices, an integer. Default 1. */
  readonly seed?: number | undefined
  /** The initial time of the network's clock, in milliseconds. Default 0. */
  readonly startMs?: number | undefined
  /** Called once with a message if timers wait for the clock and the program does not use it. See {@link VirtualClockOptions}. Default: a warning on the console. */
  readonly onForgotten?: ((text: string) => void) | undefined
}

/** A simulated network: hosts, the ways between them, and the clock that moves all of it. {@link createSimNetwork} makes one. */
export interface SimNetwork {
  /** The seed of all random choices. */
  readonly seed: number
  /** The time of the network, which a test moves. The clocks of the hosts follow it. */
  readonly clock: VirtualClock
  /**
   * Makes a host. A process runs on it at once.
   *
   * @param name a new name: 1 to 253 letters, digits, dots and hyphens
   * @throws TestingError `INVALID_OPTION`
   */
  host(name: string, options?: SimHostOptions): SimHost
  /**
   * Returns the way between two hosts, with both directions. The same host twice means its loopback interface.
   *
   * @throws TestingError `INVALID_OPTION` for an unknown host
   */
  between(one: SimHost | string, other: SimHost | string): SimWay
  /** The connections with at least one open end in a live process, oldest first. */
  readonly connections: readonly SimConnection[]
  /** Lists open listeners and connections, held ways and suspended hosts, one line each: `assertQuiet(network.clock, network)`. */
  leftOvers(): readonly string[]
}

/** Options of a host. */
export interface SimHostOptions {
  /** The rate of its clock relative to that of the network, from 0.5 to 2: 1.01 is 1 % fast. Default 1. */
  readonly clockRate?: number | undefined
  /** The time of its clock when that of the network is 0, in milliseconds. Default: random, because the clocks of real hosts are unrelated. */
  readonly clockOffsetMs?: number | undefined
  /** The queue of a stream above which `send` returns `full`, in bytes. Default 1,048,576. */
  readonly highWatermarkBytes?: number | undefined
  /** The queue at which `drain` follows, in bytes. At most `highWatermarkBytes`. Default 262,144, or `highWatermarkBytes` if that is less. */
  readonly lowWatermarkBytes?: number | undefined
}

/** A simulated machine, which runs one process at a time. */
export interface SimHost {
  /** The name of the host. */
  readonly name: string
  /**
   * The `environment` of the clients and servers on this host. It belongs to the running process: each start makes a new one.
   *
   * @throws TestingError `WRONG_HOST_STATE` while the host is stopped
   */
  readonly environment: SessionEnvironment
  /** `stopped`: there is no process. `suspended`: there is a process, and none of its code runs. */
  readonly state: 'running' | 'stopped' | 'suspended'
  /**
   * Makes an acceptor for `server.listen()`, which accepts connections at a port while the process lives. Its URL is `sim://NAME:PORT`. Its `listen` rejects
   * with a TestingError `ADDRESS_IN_USE` if the port is in use.
   *
   * @param port an integer from 1 to 65,535
   * @throws TestingError `INVALID_OPTION`, `WRONG_HOST_STATE` while the host is stopped
   */
  acceptor(port: number): SimAcceptor
  /**
   * Makes a connector for `createClient()`, which connects from this host. Its `connect` rejects with a TestingError `CONNECTION_REFUSED`,
   * `CONNECTION_RESET` or `CONNECT_TIMEOUT`, or with the reason of its signal.
   *
   * @param address `HOST:PORT` or `sim://HOST:PORT`. The host may be made later.
   * @throws TestingError `INVALID_OPTION`, `WRONG_HOST_STATE` while the host is stopped
   */
  connector(address: string): SimConnector
  /**
   * Ends the process at once, like `kill -9`: no timer and no callback of it runs again, and data that it sends is lost. `tells` decides what the kernel sends
   * to the peers of its connections.
   *
   * - `reset` (the default): a reset, which loses a random part of the data under way.
   * - `end`: the end of the stream, after the data that was handed to the kernel. A peer that sends gets a reset.
   * - `nothing`: the machine has lost its power. A peer that sends gets a reset once the host has started again.
   *
   * Promises from outside the network that the process awaits still settle, and data that is sent then is lost.
   *
   * @throws TestingError `WRONG_HOST_STATE` if the host is stopped; `INVALID_OPTION` for another value of `tells`
   */
  kill(tells?: SimKill): void
  /**
   * Starts a new process, without any state of the old one.
   *
   * @throws TestingError `WRONG_HOST_STATE` unless the host is stopped
   */
  start(): void
  /**
   * Suspends the process, like SIGSTOP: none of its code runs, while the kernel accepts connections and receives bytes until the windows are full.
   *
   * @throws TestingError `WRONG_HOST_STATE` unless the host is running
   */
  suspend(): void
  /**
   * Resumes the process, like SIGCONT: callbacks that became due meanwhile run now, in their order.
   *
   * @throws TestingError `WRONG_HOST_STATE` unless the host is suspended
   */
  resume(): void
}

/** What the kernel sends to the peers of a killed process. See `kill` of {@link SimHost}. */
export type SimKill = 'reset' | 'end' | 'nothing'

/** The way between two hosts, with both directions. */
export interface SimWay {
  /**
   * Changes options for bytes sent and connections made from now on. Omitted options do not change.
   *
   * @throws TestingError `INVALID_OPTION`
   */
  configure(options: SimWayOptions): void
  /**
   * Stops all traffic until `release()`, like an unplugged cable: no bytes, ends, resets or new connections arrive. Everything sent meanwhile waits, in
   * order. Idempotent.
   *
   * @param towards the host towards which traffic stops. Default: both
   * @throws TestingError `INVALID_OPTION` for a host that is not at an end of this way
   */
  hold(towards?: SimHost | string): void
  /** Ends `hold()`. Traffic that is due arrives at once, in order. */
  release(): void
  /**
   * Cuts every connection of this way, including those that are being made. See `cut` of {@link SimConnection}. Default `reset`.
   *
   * @throws TestingError `INVALID_OPTION`
   */
  cut(how?: SimCut): void
}

/**
 * How a connection is cut.
 *
 * - `reset`: both ends get a reset. A random part of the data under way is lost, and its beginning may still arrive.
 * - `end`: a device between the hosts ends both directions in order, after the data under way. A side that sends later gets a reset.
 * - `silence`: nothing arrives any more, and neither side is informed.
 */
export type SimCut = 'reset' | 'end' | 'silence'

/** The point at which a connection is cut: after a number of further bytes in one direction. */
export interface SimCutPoint {
  /** `there`: from the host that connected. `back`: towards it. */
  readonly direction: 'there' | 'back'
  /** The number of bytes that still arrive in this direction: an integer of 0 or more. */
  readonly afterBytes: number
}

/** A connection of a simulated network. `connections` of {@link SimNetwork} lists them. */
export interface SimConnection {
  /** 1, 2, … in the order of connecting. Failed attempts are counted too. */
  readonly id: number
  /** The name of the host that connected. */
  readonly from: string
  /** The name of the host that listens. */
  readonly to: string
  /** The number of bytes that have arrived at the kernel of the other host. `there`: from `from` to `to`. */
  readonly bytesCarried: { readonly there: number; readonly back: number }
  /**
   * Cuts the connection now, or at a later point. Default `reset`, now. Does nothing if the connection is already cut or closed.
   *
   * @throws TestingError `INVALID_OPTION`
   */
  cut(how?: SimCut, when?: SimCutPoint): void
}

/** An `Acceptor` for `server.listen()` of `@frameport/server`. `acceptor()` of {@link SimHost} makes one. */
export interface SimAcceptor {
  /** The address: `sim://NAME:PORT`. */
  readonly url: string
  /** Starts to listen. Rejects with a TestingError `ADDRESS_IN_USE` if the port is in use. Never settles if the process is killed. */
  listen(events: SimAcceptorEvents): Promise<SimListener>
}

/** The callbacks of a {@link SimAcceptor}. */
export interface SimAcceptorEvents {
  /** Called for each accepted connection, with the address of the client: `sim://NAME:PORT`. */
  accepted(connection: ByteStream, from?: { readonly remoteEndpoint?: string | undefined }): void
  /** Called when an accept fails. A simulated network never calls it. */
  acceptFailed(error: Error): void
}

/** A listener of a {@link SimAcceptor}. */
export interface SimListener {
  /** The address: `sim://NAME:PORT`. */
  readonly url: string
  /** Stops accepting. Connections that were not passed to `accepted` are reset. Idempotent. */
  close(): Promise<void>
}

/** A `Connector` for `createClient()` of `@frameport/client`. `connector()` of {@link SimHost} makes one. */
export interface SimConnector {
  /** The address of the server: `sim://HOST:PORT`. */
  readonly url: string
  /**
   * Connects. Rejects with a TestingError `CONNECTION_REFUSED`, `CONNECTION_RESET` or `CONNECT_TIMEOUT`, or with the reason of the signal. Never settles
   * if the process is killed.
   */
  connect(options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<ByteStream>
}
