import type { Endpoint } from '../endpoint/endpoint.ts'
import type { IocpError } from '../iocp-error.ts'
import type { BackendChoice, BackendName, BackendNote } from './backend-note.ts'
import type { Connection } from './connection.ts'

/** Socket options a listener gives to what it accepts and a connect gives to its socket. */
export interface SocketOptions {
  /** TCP_NODELAY. Default true: frames are whole, waiting for more helps nobody. */
  readonly noDelay?: boolean | undefined
  /** SO_KEEPALIVE with this idle time before the first probe. Default: off. */
  readonly keepAliveIdleMs?: number | undefined
  /** SO_LINGER with 0: close with a reset instead of a FIN. Default false. */
  readonly resetOnClose?: boolean | undefined
}

export interface ListenOptions extends SocketOptions {
  /** The length of the kernel's accept queue, in connections. Default 4,096; the kernel may cut it. */
  readonly backlog?: number | undefined
  /** SO_REUSEPORT: several sockets share one port. Default false. */
  readonly reusePort?: boolean | undefined
  /** IPV6_V6ONLY. Default false. */
  readonly ipv6Only?: boolean | undefined
  /** Connections this listener may hold at once; more are closed as they are accepted. Default: no limit. */
  readonly connectionsMax?: number | undefined
  /**
   * The mode of the file of a unix socket, 0 to 0o777: 0o660 lets the owner and the group connect. It is in force before
   * anybody can connect. Default: what the umask of the process leaves (Linux: to connect needs the right to write). With a
   * tcp endpoint it is `INVALID_ARGUMENT`, for a named pipe of Windows `OPTION_UNSUPPORTED`.
   */
  readonly unixMode?: number | undefined
  /** Told when accepting fails and is tried again (EMFILE, ENFILE, ENOBUFS, ECONNABORTED). */
  readonly onAcceptError?: ((error: Error) => void) | undefined
}

export interface ConnectOptions extends SocketOptions {
  /** Gives up with `CONNECT_TIMEOUT`. Default {@link limits} `connectTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** Aborting rejects with `ABORTED` and frees the socket. */
  readonly signal?: AbortSignal | undefined
}

export interface CompletionPortOptions {
  /** Default `auto`: the best back end that works here. A name takes that one or fails with the reason. */
  readonly backend?: BackendChoice | undefined
  /** A send over this much queued gets the verdict `full`. */
  readonly sendQueueHighBytes?: number | undefined
  /** `drain` comes when the queue has fallen to this. */
  readonly sendQueueLowBytes?: number | undefined
  /**
   * TCP_NOTSENT_LOWAT of every TCP connection: the kernel takes bytes while fewer than this wait in it to be sent for the
   * first time. What it does not take waits in the send queue, where `queuedBytes` and the verdicts see it; without it
   * the kernel holds up to several MB for a slow peer, and a small send waits behind them. 0 leaves it to the system.
   *
   * On `net` and `iocp`, which cannot set it, and where the kernel refuses it, any other number is refused with
   * `OPTION_UNSUPPORTED`, and the default is 0. {@link CompletionPort.notSentLowBytes} tells what is in force.
   */
  readonly notSentLowBytes?: number | undefined
  /** The size of one receive buffer of the pool. */
  readonly receiveBufferBytes?: number | undefined
  /**
   * Threads that take completions from the system: on `iocp` only, `OPTION_UNSUPPORTED` elsewhere. Default 1. The
   * order of one connection's bytes does not depend on it.
   */
  readonly workers?: number | undefined
  /** Overwrite lent bytes after the callback returned, so that who keeps them notices. Default false. */
  readonly poisonLentBytes?: boolean | undefined
}

/** An address of a name at which a listener does not listen. */
export interface SkippedAddress {
  readonly endpoint: Endpoint
  /** `ADDRESS_UNAVAILABLE` or `ENDPOINT_UNSUPPORTED`: this machine does not have the address. */
  readonly error: IocpError
}

export interface Listener {
  readonly backend: BackendName
  /** The bound address, with the real port; of several the first. */
  readonly endpoint: Endpoint
  /** The same as a URL: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** Every bound address: a name has as many as the resolver gives, all with the same port. At least one. */
  readonly endpoints: readonly Endpoint[]
  /** The same as URLs. */
  readonly urls: readonly string[]
  /** Addresses of the name that this machine does not have. A process warning has said so, too. */
  readonly skipped: readonly SkippedAddress[]
  /** Connections accepted by this listener and still open. */
  readonly connections: number
  /** Stops accepting; open connections live on. Settles when every descriptor is closed. Idempotent. */
  close(): Promise<void>
  /** As `close()`: `await using listener = await port.listen(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What is alive now. Every one is 0 when nothing is open. Shapes are the same on every back end. */
export interface CompletionPortCounters {
  /** Listening sockets: one for each address of a listener. */
  readonly listeners: number
  readonly connections: number
  /** Operations submitted and not completed. */
  readonly operationsInFlight: number
  /** Pool buffers that hold bytes or that an operation may write to. */
  readonly buffersInUse: number
  /** Descriptors (OS handles) owned by the port apart from its own wake-up machinery. */
  readonly handles: number
  readonly timers: number
}

export interface CompletionPort {
  /** The back end in use: never a guess, never a silent fallback. */
  readonly backend: BackendName
  /** All back ends, best first: which of them work here, and why the others do not. Found out when it is read. */
  readonly backendNotes: readonly BackendNote[]
  readonly counters: CompletionPortCounters
  /** What the option of that name is here: TCP_NOTSENT_LOWAT of the TCP connections; 0 leaves it to the system. */
  readonly notSentLowBytes: number
  /**
   * Listens at an address, at every address of a name, or at the path of a unix socket. A stale socket at the path, which
   * nobody listens at, is replaced.
   *
   * @param onConnection one that throws, or returns a promise that rejects, aborts the connection it was given
   * @throws IocpError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`, `PERMISSION_DENIED`, `ENDPOINT_UNSUPPORTED`,
   *   `OPTION_UNSUPPORTED`, `INVALID_ENDPOINT`, `INVALID_ARGUMENT`, `HOST_NOT_FOUND`, `NOT_A_SOCKET`, `PORT_CLOSED`
   */
  listen(
    endpoint: Endpoint | string,
    onConnection: (connection: Connection) => void,
    options?: ListenOptions,
  ): Promise<Listener>
  /** @throws IocpError `CONNECTION_REFUSED`, `CONNECT_TIMEOUT`, `HOST_NOT_FOUND`, `UNREACHABLE`, `ABORTED`, … */
  connect(endpoint: Endpoint | string, options?: ConnectOptions): Promise<Connection>
  /** Keeps the process alive while anything is open or connects (the default). */
  ref(): void
  /**
   * Lets the process end all the same. Two things hold it until they settle, because Node counts them whatever their
   * handle says: the look-up of a name, and on `net` a connect under way.
   */
  unref(): void
  /** Aborts every connection, closes every listener, awaits every operation, frees all. Idempotent. */
  close(): Promise<void>
  /** As `close()`: `await using port = createCompletionPort()`. */
  [Symbol.asyncDispose](): Promise<void>
}
