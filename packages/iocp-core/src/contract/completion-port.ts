import type { Endpoint } from '../endpoint/endpoint.ts'
import type { IocpError } from '../iocp-error.ts'
import type { BackendChoice, BackendName, BackendNote } from './backend-note.ts'
import type { Connection } from './connection.ts'

/** Options of a socket: of the connections that a listener accepts, or of the one that `connect` makes. */
export interface SocketOptions {
  /** Sets TCP_NODELAY (tcp(7)), which turns off Nagle's algorithm. Default true. */
  readonly noDelay?: boolean | undefined
  /**
   * Sets SO_KEEPALIVE (socket(7)), with this idle time before the first probe, in milliseconds: an integer from 1,000 to 32,767,000. Default: no
   * keep-alive.
   */
  readonly keepAliveIdleMs?: number | undefined
  /** Sets SO_LINGER (socket(7)) with 0: the connection closes with a reset instead of a FIN. Default false. */
  readonly resetOnClose?: boolean | undefined
}

/** Options of `port.listen`. The socket options apply to the connections that the listener accepts. */
export interface ListenOptions extends SocketOptions {
  /** The length of the kernel's accept queue in connections (listen(2)), from 1 to 65,535. Default 4,096. The kernel may lower it. */
  readonly backlog?: number | undefined
  /** Sets SO_REUSEPORT (socket(7)): several sockets share one port. Default false. Only `io_uring` and `epoll` support it. */
  readonly reusePort?: boolean | undefined
  /** Sets IPV6_V6ONLY (ipv6(7)). Default false; true if the endpoint is a name with several addresses. */
  readonly ipv6Only?: boolean | undefined
  /** The number of connections that this listener may hold at once. Further ones are closed when they are accepted. Default: no limit. */
  readonly connectionsMax?: number | undefined
  /**
   * The mode of the file of a unix socket (chmod(2)), from 0 to 0o777. With 0o660, the owner and the group can connect: on Linux, that needs
   * permission to write. The mode is set before anybody can connect. Default: determined by the umask of the process.
   *
   * For a tcp endpoint, `listen` throws `INVALID_ARGUMENT`; for a named pipe of Windows, `OPTION_UNSUPPORTED`.
   */
  readonly unixMode?: number | undefined
  /** Called when an accept has failed (EMFILE, ENFILE, ENOBUFS, ECONNABORTED). The listener tries again. */
  readonly onAcceptError?: ((error: Error) => void) | undefined
}

/** Options of `port.connect`. */
export interface ConnectOptions extends SocketOptions {
  /**
   * The time limit in milliseconds, for all addresses of a name together: `connect` rejects with `CONNECT_TIMEOUT` when it is over. From 1 to
   * 2^31 − 1. Default 10,000.
   */
  readonly timeoutMs?: number | undefined
  /** Aborts the connect: it rejects with `ABORTED`, whose `cause` is the reason of the signal, and the socket is closed. */
  readonly signal?: AbortSignal | undefined
}

/** Options of `createCompletionPort`. `limits` has the ranges of the numbers. */
export interface CompletionPortOptions {
  /**
   * The back end. `auto` selects the best one that works here; with a name, `createCompletionPort` throws `BACKEND_UNAVAILABLE` if that one does
   * not work. Default: the value of the environment variable FRAMEPORT_BACKEND, otherwise `auto`.
   */
  readonly backend?: BackendChoice | undefined
  /** The high watermark of a connection's send queue, in bytes: over it, `send` returns `full`. Default 262,144. */
  readonly sendQueueHighBytes?: number | undefined
  /**
   * The low watermark of a connection's send queue, in bytes: `drain` is called when the queue has fallen to it. It must not be greater than
   * `sendQueueHighBytes`. Default 65,536, or `sendQueueHighBytes` if that is less.
   */
  readonly sendQueueLowBytes?: number | undefined
  /**
   * Sets TCP_NOTSENT_LOWAT (tcp(7)) on every TCP connection, in bytes: the kernel accepts bytes only while fewer than this many are waiting to be
   * sent for the first time. The rest waits in the send queue, where `queuedBytes` and the verdicts of `send` include it. Without this option
   * the kernel buffers up to several MB for a slow peer, and a small send waits behind them. 0 leaves the setting to the system.
   *
   * Default 16,384, and 0 on `net` and `iocp`, which cannot set it, and if the kernel refuses it. Any other number throws `OPTION_UNSUPPORTED`
   * there. {@link CompletionPort.notSentLowBytes} has the value in use.
   */
  readonly notSentLowBytes?: number | undefined
  /** The size of one receive buffer of the pool, in bytes. Default 262,144. */
  readonly receiveBufferBytes?: number | undefined
  /**
   * The number of threads that take completions from the system. Only `iocp` supports it; other back ends throw `OPTION_UNSUPPORTED`. Default 1.
   * The order of the bytes of a connection does not depend on it.
   */
  readonly workers?: number | undefined
  /** Overwrites lent bytes after the callback has returned, so that code that keeps them fails visibly. Default false. */
  readonly poisonLentBytes?: boolean | undefined
}

/** An address of a host name at which a listener does not listen. */
export interface SkippedAddress {
  /** The address. */
  readonly endpoint: Endpoint
  /** Why: `ADDRESS_UNAVAILABLE` or `ENDPOINT_UNSUPPORTED`, because this machine does not have the address. */
  readonly error: IocpError
}

/** A listener of a port: `await port.listen(…)`. */
export interface Listener {
  /** The back end of the port. */
  readonly backend: BackendName
  /** The bound address, with the real port. The first one if there are several. */
  readonly endpoint: Endpoint
  /** `endpoint` as a URL: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** All bound addresses, at least one. A host name may have several, all with the same port. */
  readonly endpoints: readonly Endpoint[]
  /** `endpoints` as URLs. */
  readonly urls: readonly string[]
  /** The addresses of the name that this machine does not have. A process warning (`FRAMEPORT_ADDRESS_SKIPPED`) reports them, too. */
  readonly skipped: readonly SkippedAddress[]
  /** The number of open connections that this listener accepted. */
  readonly connections: number
  /** Stops accepting. Open connections stay open. Resolves when every listening descriptor is closed. Idempotent. */
  close(): Promise<void>
  /** Calls `close()`: `await using listener = await port.listen(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The number of each kind of resource that a port currently holds. Each is 0 if nothing is open. The members are the same on every back end. */
export interface CompletionPortCounters {
  /** Listening sockets: one for each address of each listener. */
  readonly listeners: number
  /** Connections whose descriptor is not closed yet. */
  readonly connections: number
  /** Operations that were submitted and have not completed. */
  readonly operationsInFlight: number
  /** Buffers of the pool that hold bytes, or to which an operation may write. */
  readonly buffersInUse: number
  /** File descriptors (handles of the system) that the port owns, without those for its own wake-ups. */
  readonly handles: number
  /** Timers that are running. */
  readonly timers: number
}

/**
 * A completion port: it listens, connects, and delivers what happens to its connections. `createCompletionPort` opens one.
 *
 * Every function that takes options checks them, and throws `INVALID_ARGUMENT` for an unknown or invalid one.
 */
export interface CompletionPort {
  /** The back end in use. */
  readonly backend: BackendName
  /** All back ends, best first: which of them work here, and why the others do not. Reading it probes the system, once per process. */
  readonly backendNotes: readonly BackendNote[]
  /** What is open now. */
  readonly counters: CompletionPortCounters
  /** The value of the option `notSentLowBytes` that is in use, in bytes. 0: the setting is left to the system. */
  readonly notSentLowBytes: number
  /**
   * Listens at an address, at every address of a host name, or at the path of a unix socket. Resolves when the sockets are bound. A stale
   * socket at the path, at which nobody listens, is replaced.
   *
   * @example
   * ```ts
   * const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
   *   connection.start({
   *     data: (chunk) => void connection.send(chunk),
   *     end: () => connection.end(),
   *     drain: () => undefined,
   *     close: () => undefined,
   *   })
   * })
   * ```
   *
   * @param endpoint `tcp://HOST:PORT`, `unix:/PATH`, or an endpoint object; port 0 for any free port
   * @param onConnection called for each accepted connection. If it throws, or returns a promise that rejects, the connection is aborted
   * @throws IocpError (the promise rejects) `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`, `PERMISSION_DENIED`, `ENDPOINT_UNSUPPORTED`,
   *   `OPTION_UNSUPPORTED`, `INVALID_ENDPOINT`, `INVALID_ARGUMENT`, `HOST_NOT_FOUND`, `NOT_A_SOCKET`, `PORT_CLOSED`
   */
  listen(
    endpoint: Endpoint | string,
    onConnection: (connection: Connection) => void,
    options?: ListenOptions,
  ): Promise<Listener>
  /**
   * Connects to an address, to the first address of a host name that answers, or to a unix socket.
   *
   * @example
   * ```ts
   * const connection = await port.connect('tcp://127.0.0.1:5500', { timeoutMs: 2_000 })
   * ```
   *
   * @throws IocpError (the promise rejects) `CONNECTION_REFUSED`, `CONNECT_TIMEOUT`, `HOST_NOT_FOUND`, `UNREACHABLE`, `ABORTED`,
   *   `PERMISSION_DENIED`, `ENDPOINT_UNSUPPORTED`, `INVALID_ENDPOINT`, `INVALID_ARGUMENT`, `PORT_CLOSED`, …
   */
  connect(endpoint: Endpoint | string, options?: ConnectOptions): Promise<Connection>
  /** Keeps the process alive while anything is open or connecting. This is the default. */
  ref(): void
  /**
   * Lets the process end although something is open. Two things still keep it alive until they settle, because Node.js does not let them be
   * unref'd: the look-up of a host name, and on `net` a connect in progress.
   */
  unref(): void
  /** Aborts every connection, closes every listener, and resolves when all operations have completed and everything is freed. Idempotent. */
  close(): Promise<void>
  /** Calls `close()`: `await using port = createCompletionPort()`. */
  [Symbol.asyncDispose](): Promise<void>
}
