/**
 * Everything the addon exports, declared once. Numbers are words of 32 bits. A status is 0 or an error number of
 * the system (errno(3)); its name comes from {@link errnoName}.
 */
export interface NativeAddon {
  /** The back ends compiled into this addon, best first: `io_uring` and `epoll`, `iocp`, or `unsupported`. */
  readonly backends: readonly string[]
  /** Tries what the back end needs from the system, in the order in which it needs it. */
  probe(backend: string): readonly NativeProbeStep[]
  /** Whether this program has a libuv event loop that can watch a port. */
  readonly findsLoop: boolean
  readonly NativePort: NativePortConstructor
}

/** Without a required step the back end does not work; without an optional one it works with restrictions. */
export type NativeProbeStep = readonly [step: string, status: number, required: boolean]

/** `[status, slot, generation]`: the slot and the generation together identify the opened resource. */
type Opened = readonly [status: number, slot: number, generation: number]

/** `[kind, host or path, port]`, kind as in {@link addressKind}. */
export type NativeAddress = readonly [kind: number, text: string, port: number]

interface NativePortConstructor {
  /**
   * `onWake` is called once after each `arm`, when a gather would return records. Receives write to `receiveMemory`,
   * which has room for all buffers, is kept, and must never be detached.
   */
  new (
    backend: string,
    receiveMemory: ArrayBuffer,
    receiveBuffers: number,
    receiveBufferBytes: number,
    arenaBytes: number,
    workers: number,
    onWake: () => void,
    wokenByLoop: boolean,
  ): NativePort
}

/** A port of the addon with its memory. After `close`, and after `status` is not 0, every call does nothing. */
export interface NativePort {
  /** Why the port could not be made; 0 when it was. */
  readonly status: number
  /** The failed step, in the system's words: `epoll_create1`. */
  readonly failedStep: string
  /**
   * The records of the last gather, as batch-table.ts lays them out. Received bytes lie in the receive memory and are
   * readable until the next `gather` or `flush(…, true)`.
   */
  readonly batch: ArrayBuffer
  /** The entries of the send arena, as batch-table.ts lays them out; `flush` writes the answers into them. */
  readonly entries: ArrayBuffer
  /** The bytes of the entries, one after another, from `arenaStart` on. */
  readonly arena: ArrayBuffer
  readonly arenaStart: number
  /** Live counts, in the order of `counterIndex` in batch-table.ts. */
  readonly counters: ArrayBuffer

  listen(
    addressKind: number,
    text: string,
    port: number,
    noDelay: boolean,
    keepAliveIdleMs: number,
    notSentLowBytes: number,
    backlog: number,
    reusePort: boolean,
    ipv6Only: boolean,
  ): Opened
  connect(
    addressKind: number,
    text: string,
    port: number,
    noDelay: boolean,
    keepAliveIdleMs: number,
    notSentLowBytes: number,
  ): Opened
  /** Resumes accepting after a lack of resources. Returns a status. */
  acceptStart(slot: number, generation: number): number
  closeListener(slot: number, generation: number): void
  /** Returns whether a gather has records that no wake would announce: a refused receive closes its connection. */
  receiveStart(slot: number, generation: number): boolean
  receiveStop(slot: number, generation: number): void
  /** Offers the caller's bytes to the kernel and copies the rest. Returns the bytes owned, or a negated status. */
  send(slot: number, generation: number, parts: readonly Uint8Array[]): number
  shutdown(slot: number, generation: number): void
  closeConnection(slot: number, generation: number, reset: boolean): void
  /** Fills the batch table with what has completed, without blocking. Returns the number of records. */
  gather(): number
  /**
   * Sends the first entries of the arena. `batchDone` returns the buffers of the last batch.
   * Returns whether a gather has records that no wake would announce.
   */
  flush(entries: number, batchDone: boolean): boolean
  /** Requests one wake. Returns false if a gather already has records: no wake follows then. */
  arm(): boolean
  /** Requests one wake now, whether or not there are records. */
  wakeNow(): void
  ref(): void
  unref(): void
  /** Stops the thread, closes every descriptor, frees everything. Idempotent. */
  close(): void
  /** Null if the connection is gone. `end` as in {@link addressEnd}. */
  address(slot: number, generation: number, end: number): NativeAddress | null
}

export const addressKind = { tcp: 0, unix: 1 } as const
export const addressEnd = { local: 0, remote: 1, listener: 2 } as const
