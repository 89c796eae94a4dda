import { availableParallelism } from 'node:os'

/** A limit: its default, and the range of the option that sets it. If `min` and `max` are equal, no option sets it. */
export interface Limit {
  /** The value that applies if no option sets another. */
  readonly default: number
  /** The smallest value of the option. */
  readonly min: number
  /** The largest value of the option. */
  readonly max: number
  /** Why the limit has this default. */
  readonly reason: string
}

const KiB = 1024
const MiB = 1024 * KiB
const timerMsMax = 2 ** 31 - 1

/** Deno needs `--allow-sys` for this. The module must be importable without that permission. */
function processors(): number {
  try {
    return availableParallelism()
  } catch {
    return 1
  }
}

/** The length of the address of a unix socket, without its terminator. */
const unixPathBytesMax = process.platform === 'darwin' ? 103 : 107

/** The limits of this package, by name. Names that end in `Ms` are in milliseconds, those that end in `Bytes` in bytes; the others are numbers. */
export const limits = {
  sendQueueHighBytes: {
    default: 256 * KiB,
    min: 1,
    max: 1024 * MiB,
    reason:
      'A second of 2 Mbit/s: enough to keep a socket busy; 1,000 peers that do not read occupy 256 MiB.',
  },
  sendQueueLowBytes: {
    default: 64 * KiB,
    min: 0,
    max: 1024 * MiB,
    reason:
      'A quarter of the high watermark: the sender wakes before the queue is empty, but not for every send.',
  },
  notSentLowBytes: {
    default: 16 * KiB,
    min: 0,
    max: 1024 * MiB,
    reason:
      '8 ms at 16 Mbit/s before a small send leaves; sends of 1 MiB cost no more than without it (ADR 29).',
  },
  receiveBufferBytes: {
    default: 256 * KiB,
    min: 512,
    max: 16 * MiB,
    reason:
      'Few frames of 16 KiB span two buffers: with 64 KiB every fourth did, and was copied once more (ADR 56).',
  },
  handshakeTimeoutMs: {
    default: 10_000,
    min: 1,
    max: timerMsMax,
    reason:
      'A TLS handshake takes two round trips at most; a client that takes longer occupies a descriptor for nothing.',
  },
  workers: {
    default: 1,
    min: 1,
    max: 2 * processors(),
    reason:
      'They only pass completions to one thread of JavaScript; the legacy server had two for each processor.',
  },
  sendFirstChunkBytes: {
    default: KiB,
    min: KiB,
    max: KiB,
    reason: 'The first chunk of a queue: small messages of 1,000 connections in one turn take 1 MiB, not 16.',
  },
  sendChunkBytes: {
    default: 16 * KiB,
    min: 16 * KiB,
    max: 16 * KiB,
    reason: 'Every further chunk of a queue: 16 of them are one vectored write.',
  },
  sendChunksPerWrite: {
    default: 16,
    min: 16,
    max: 16,
    reason: '256 KiB per write: few system calls, and progress is reported often enough for the watermarks.',
  },
  chunksPooledMax: {
    default: 256,
    min: 256,
    max: 256,
    reason: '4 MiB are kept for the next burst; the garbage collector gets the rest.',
  },
  sendsGatheredMin: {
    default: 16,
    min: 16,
    max: 16,
    reason:
      'A turn hands over the first half of its sends before the rest is there, so that both sides work at once; with fewer than 16 together the system calls cost more than that brings.',
  },
  firstChunksPooledMax: {
    default: 4096,
    min: 4096,
    max: 4096,
    reason:
      'First chunks that are kept, 4 MiB as well. A larger burst allocates more memory, and frees it again.',
  },
  iteratorQueueBytes: {
    default: 256 * KiB,
    min: 256 * KiB,
    max: 256 * KiB,
    reason:
      'As much as an iterator holds for a slow loop before it pauses the connection and the peer waits.',
  },
  iteratorChunkOverheadBytes: {
    default: 512,
    min: 512,
    max: 512,
    reason:
      'The cost of a held chunk in addition to its bytes: 528 measured with Node 20, for the array and its memory.',
  },
  iteratorJoinedBytes: {
    default: 16 * KiB,
    min: 16 * KiB,
    max: 16 * KiB,
    reason:
      'Held chunks are joined up to this size, so that a peer that sends single bytes costs little more than its bytes.',
  },
  backlog: {
    default: 4_096,
    min: 1,
    max: 65_535,
    reason:
      'The default of Linux (net.core.somaxconn limits it). With 511, as in node:net, 2,000 clients that connect at once were answered with SYN cookies, and some were reset.',
  },
  connectionsMax: {
    default: 4_294_967_295,
    min: 1,
    max: 4_294_967_295,
    reason: 'No limit by default: the process runs out of descriptors first, which a listener survives.',
  },
  connectTimeoutMs: {
    default: 10_000,
    min: 1,
    max: timerMsMax,
    reason: 'Three SYNs of Linux (1 s, 3 s, 7 s); the kernel alone would try for two minutes.',
  },
  keepAliveIdleMs: {
    default: 60_000,
    min: 1_000,
    max: 32_767_000,
    reason: 'TCP_KEEPIDLE counts whole seconds, up to 32,767 of them (tcp(7)).',
  },
  acceptsPerTurn: {
    default: 16,
    min: 16,
    max: 16,
    reason: 'A burst of 512 accepts delayed a 5 ms timer by 20 to 45 ms; with this limit, by 5 to 6.',
  },
  acceptBackoffMs: {
    default: 100,
    min: 100,
    max: 100,
    reason: 'Without descriptors accept fails at once; this pause keeps the process from spinning.',
  },
  samePortTries: {
    default: 10,
    min: 10,
    max: 10,
    reason: 'For a name with port 0: even if half of all ports are in use at one address, 1 in 1,000 fails.',
  },
  unixMode: {
    default: 0o777,
    min: 0,
    max: 0o777,
    reason: 'The bits of chmod(2) that apply to a socket; by default the umask clears some of them.',
  },
  unixProbeTimeoutMs: {
    default: 1_000,
    min: 1_000,
    max: 1_000,
    reason:
      'A kernel answers a connect to a unix socket at once; if it does not, the queue of the listener is full.',
  },
  unixPathTries: {
    default: 100,
    min: 100,
    max: 100,
    reason: 'A try has no result only if others take or release the path at that moment.',
  },
  unixPathBytes: {
    default: unixPathBytesMax,
    min: 1,
    max: unixPathBytesMax,
    reason:
      'sun_path has 108 bytes with its terminator on Linux (unix(7)), 104 on macOS; longer paths would be cut.',
  },
} as const satisfies Readonly<Record<string, Limit>>

/** The name of a limit in {@link limits}. */
export type LimitName = keyof typeof limits
