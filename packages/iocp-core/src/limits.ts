import { availableParallelism } from 'node:os'

/** One limit: the value without an option, and the range an option may have. */
export interface Limit {
  readonly default: number
  readonly min: number
  readonly max: number
  readonly reason: string
}

const KiB = 1024
const MiB = 1024 * KiB
const timerMsMax = 2 ** 31 - 1

/** Deno tells it only with `--allow-sys`; a module that cannot be imported without it would be too much. */
function processors(): number {
  try {
    return availableParallelism()
  } catch {
    return 1
  }
}

/** What the address of a unix socket holds. */
const unixPathBytesMax = process.platform === 'darwin' ? 103 : 107

export const limits = {
  sendQueueHighBytes: {
    default: 256 * KiB,
    min: 1,
    max: 1024 * MiB,
    reason: 'A second of 2 Mbit/s: enough to keep a socket busy; 1,000 peers that do not read hold 256 MiB.',
  },
  sendQueueLowBytes: {
    default: 64 * KiB,
    min: 0,
    max: 1024 * MiB,
    reason: 'A quarter of the high watermark: the sender wakes before the queue runs dry, and not per send.',
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
      'A handshake of TLS is two ways through the network; who takes longer holds a descriptor for nothing.',
  },
  workers: {
    default: 1,
    min: 1,
    max: 2 * processors(),
    reason:
      'They only carry completions to one thread of JavaScript; the legacy server had two for each processor.',
  },
  sendFirstChunkBytes: {
    default: KiB,
    min: KiB,
    max: KiB,
    reason: 'What a queue begins with: small messages of 1,000 connections in one turn are 1 MiB and not 16.',
  },
  sendChunkBytes: {
    default: 16 * KiB,
    min: 16 * KiB,
    max: 16 * KiB,
    reason: 'What a queue of more is held in: 16 of them are one vectored write.',
  },
  sendChunksPerWrite: {
    default: 16,
    min: 16,
    max: 16,
    reason: '256 KiB a write: few system calls, and progress is told often enough for the watermarks.',
  },
  chunksPooledMax: {
    default: 256,
    min: 256,
    max: 256,
    reason: '4 MiB kept for the next burst; what is over goes back to the garbage collector.',
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
      'First ones that are kept: 4 MiB as well. A burst of more takes memory of its own, and gives it back.',
  },
  iteratorQueueBytes: {
    default: 256 * KiB,
    min: 256 * KiB,
    max: 256 * KiB,
    reason: 'What an iterator holds for a slow loop before the connection pauses and the peer waits.',
  },
  iteratorChunkOverheadBytes: {
    default: 512,
    min: 512,
    max: 512,
    reason:
      'What a held chunk costs beside its bytes: 528 measured with Node 20, for the array and its memory.',
  },
  iteratorJoinedBytes: {
    default: 16 * KiB,
    min: 16 * KiB,
    max: 16 * KiB,
    reason:
      'Held chunks are joined up to this, so that a peer that sends single bytes costs about its bytes.',
  },
  backlog: {
    default: 4_096,
    min: 1,
    max: 65_535,
    reason:
      'What Linux allows (net.core.somaxconn cuts it). With 511, as in node:net, 2,000 clients that connect at once were answered with SYN cookies, and some were reset.',
  },
  connectionsMax: {
    default: 4_294_967_295,
    min: 1,
    max: 4_294_967_295,
    reason: 'No limit unless asked for: descriptors end first, and that is survived.',
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
    reason: 'A storm of 512 accepts delayed a 5 ms timer by 20 to 45 ms; bounded so, by 5 to 6.',
  },
  acceptBackoffMs: {
    default: 100,
    min: 100,
    max: 100,
    reason: 'Without descriptors accept fails at once: waiting keeps the process from spinning.',
  },
  samePortTries: {
    default: 10,
    min: 10,
    max: 10,
    reason: 'Of a name with port 0: even when half of all ports are in use at one address, 1 in 1,000 fails.',
  },
  unixMode: {
    default: 0o777,
    min: 0,
    max: 0o777,
    reason: 'The bits of chmod(2) that mean something for a socket; the umask takes some away by default.',
  },
  unixProbeTimeoutMs: {
    default: 1_000,
    min: 1_000,
    max: 1_000,
    reason:
      'A kernel answers a connect to a unix socket at once; one that waits has a listener with a full queue.',
  },
  unixPathTries: {
    default: 100,
    min: 100,
    max: 100,
    reason: 'A try ends without a result only when others take the path or give it up at that moment.',
  },
  unixPathBytes: {
    default: unixPathBytesMax,
    min: 1,
    max: unixPathBytesMax,
    reason:
      'sun_path holds 108 bytes with its end mark on Linux (unix(7)), 104 on macOS; longer ones would be cut.',
  },
} as const satisfies Readonly<Record<string, Limit>>

export type LimitName = keyof typeof limits
