import type { ByteStream } from '@frameport/framing'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { VirtualClock } from '../virtual-clock.ts'

/** Delays of one way in milliseconds: always the same, or drawn evenly from a range for each piece. Order is kept, as TCP keeps it. */
export type SimLatency = number | { readonly minMs: number; readonly maxMs: number }

/** What the way between two hosts is like, the same in both directions. */
export interface SimWayOptions {
  /** How long a piece is under way. Default 1 to 5 ms. */
  readonly latencyMs?: SimLatency | undefined
  /** What one direction of one connection carries in a second. Default Infinity. */
  readonly bytesPerSecond?: number | undefined
  /** What one direction of a connection holds, under way and unread, before the sender's queue grows. Default 65,536. */
  readonly windowBytes?: number | undefined
  /** Sends travel in pieces of 1 to so many bytes, drawn. Default 1,448, the payload of a segment on Ethernet. */
  readonly pieceBytesMax?: number | undefined
}

export interface SimNetworkOptions extends SimWayOptions {
  /** What everything that is drawn depends on: a whole number. Default 1. */
  readonly seed?: number | undefined
  /** What the clock of the world says at first. Default 0. */
  readonly startMs?: number | undefined
  /** Told once, with a text for people, when something waits for the clock and nobody uses it; see `VirtualClockOptions`. */
  readonly onForgotten?: ((text: string) => void) | undefined
}

/** Hosts, the ways between them, and the one clock that moves all of it. See `createSimNetwork`. */
export interface SimNetwork {
  readonly seed: number
  /** The time of the world: what a test moves. */
  readonly clock: VirtualClock
  /**
   * Makes a host, on which a process runs at once.
   *
   * @param name letters, digits, dots and hyphens, at most 253; not there yet
   * @throws TestingError `INVALID_OPTION`
   */
  host(name: string, options?: SimHostOptions): SimHost
  /**
   * The way between two hosts, in both directions; the same host twice means its loopback.
   *
   * @throws TestingError `INVALID_OPTION` for a host that is not there
   */
  between(one: SimHost | string, other: SimHost | string): SimWay
  /** Connections of which at least one end is open in a process that lives, oldest first. */
  readonly connections: readonly SimConnection[]
  /** What is open, under way or held, a line each: `assertQuiet(network.clock, network)`. */
  leftOvers(): readonly string[]
}

export interface SimHostOptions {
  /** The pace of its clock, against that of the world: 1.01 is 1 % fast. From 0.5 to 2. Default 1. */
  readonly clockRate?: number | undefined
  /** What its clock says when that of the world says 0. Default: drawn, since clocks of hosts have nothing in common. */
  readonly clockOffsetMs?: number | undefined
  /** A send of one of its processes over this much queued says `full`. Default 1,048,576. */
  readonly highWatermarkBytes?: number | undefined
  /** `drain` follows when the queue has fallen to this. Default 262,144, at most the high one. */
  readonly lowWatermarkBytes?: number | undefined
}

/** One machine with one process. */
export interface SimHost {
  readonly name: string
  /**
   * What a client or a server on this host is given as `environment`. It belongs to the process that runs now; each start
   * has a new one.
   *
   * @throws TestingError `WRONG_HOST_STATE` while the host is stopped
   */
  readonly environment: SessionEnvironment
  /** `stopped`: no process runs. `suspended`: it is there, and none of its code runs. */
  readonly state: 'running' | 'stopped' | 'suspended'
  /**
   * For `server.listen()`: accepts at this port while the process lives. Its url is `sim://NAME:PORT`. `listen` rejects with
   * TestingError `ADDRESS_IN_USE` when something listens there.
   *
   * @param port from 1 to 65,535
   * @throws TestingError `INVALID_OPTION`, `WRONG_HOST_STATE` while the host is stopped
   */
  acceptor(port: number): SimAcceptor
  /**
   * For `createClient()`: connects from this host. `connect` rejects with TestingError `CONNECTION_REFUSED`,
   * `CONNECTION_RESET` or `CONNECT_TIMEOUT`, or with the reason of its signal.
   *
   * @param address `HOST:PORT` or `sim://HOST:PORT`. The host may come later.
   * @throws TestingError `INVALID_OPTION`, `WRONG_HOST_STATE` while the host is stopped
   */
  connector(address: string): SimConnector
  /**
   * Ends the process at once, as `kill -9` does: none of its code runs any more (no timer, no callback; what it sends is
   * lost), and the peers of its connections learn of it by what the kernel sends.
   *
   * - `reset` (the default): a reset, which loses a drawn part of what is under way.
   * - `end`: the end, behind what had been handed to the kernel. A peer that sends is answered with a reset.
   * - `nothing`: the machine has lost its power. A peer that sends is answered with a reset once the host has started again.
   *
   * Promises that the process awaits from outside of the network still go on; what they send is lost.
   *
   * @throws TestingError `WRONG_HOST_STATE` when no process is there
   */
  kill(tells?: SimKill): void
  /**
   * Starts a new process, which has nothing of the old one.
   *
   * @throws TestingError `WRONG_HOST_STATE` unless stopped
   */
  start(): void
  /**
   * As SIGSTOP: no code of the process runs, while the kernel accepts connections and takes bytes as far as windows go.
   *
   * @throws TestingError `WRONG_HOST_STATE` unless running
   */
  suspend(): void
  /**
   * As SIGCONT: what came due meanwhile runs at this moment of the clock, in its order.
   *
   * @throws TestingError `WRONG_HOST_STATE` unless suspended
   */
  resume(): void
}

/** What the kernel of a process that is killed tells the peers of its connections; see {@link SimHost}. */
export type SimKill = 'reset' | 'end' | 'nothing'

/** The way between two hosts. */
export interface SimWay {
  /**
   * For what is sent, and for connections made, from now on. What is left out stays as it is.
   *
   * @throws TestingError `INVALID_OPTION`
   */
  configure(options: SimWayOptions): void
  /**
   * Nothing arrives any more (bytes, ends, resets, new connections) until `release()`, as if a cable was pulled. What is
   * sent meanwhile waits, in its order. Twice is as once.
   *
   * @param towards the direction that is held; both by default
   * @throws TestingError `INVALID_OPTION` for a host that is not at an end of this way
   */
  hold(towards?: SimHost | string): void
  /** What is due arrives at once, in its order. */
  release(): void
  /**
   * Cuts every connection of this way, those that are being made too; see {@link SimConnection}.
   *
   * @throws TestingError `INVALID_OPTION`
   */
  cut(how?: SimCut): void
}

/**
 * - `reset`: both ends get a reset; a drawn part of what is under way is lost, and a beginning of it may still arrive.
 * - `end`: something between the hosts ends both sides in order, behind what is under way. Who sends after that is reset.
 * - `silence`: nothing arrives any more, and nobody is told.
 */
export type SimCut = 'reset' | 'end' | 'silence'

/** When a connection is cut: once so many more bytes have arrived in one direction. */
export interface SimCutPoint {
  readonly direction: 'there' | 'back'
  /** From 0 up. 0: nothing more arrives in this direction. */
  readonly afterBytes: number
}

export interface SimConnection {
  /** 1, 2, … in the order of connecting; attempts that fail have one, too. */
  readonly id: number
  /** The name of the host that connected. */
  readonly from: string
  /** The name of the host that listens. */
  readonly to: string
  /** What has arrived at the kernel of the other host. `there`: from `from` to `to`. */
  readonly bytesCarried: { readonly there: number; readonly back: number }
  /**
   * Cuts it now (default `reset`), or in the middle of what is under way. A connection that is cut already, or closed, stays as it is.
   *
   * @throws TestingError `INVALID_OPTION`
   */
  cut(how?: SimCut, when?: SimCutPoint): void
}

/** An `Acceptor` of `@frameport/server`. */
export interface SimAcceptor {
  readonly url: string
  listen(events: SimAcceptorEvents): Promise<SimListener>
}

export interface SimAcceptorEvents {
  accepted(connection: ByteStream, from?: { readonly remoteEndpoint?: string | undefined }): void
  acceptFailed(error: Error): void
}

export interface SimListener {
  readonly url: string
  /** Accepts no more; what was not handed on is reset. */
  close(): Promise<void>
}

/** A `Connector` of `@frameport/client`. */
export interface SimConnector {
  readonly url: string
  connect(options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<ByteStream>
}
