import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientConnection } from '@frameport/client'
import { RpcError } from '@frameport/protocol'

/** What all clients have, whatever their contract. */
interface AnyClient {
  readonly $connection: ClientConnection
  $close(options?: { readonly graceMs?: number | undefined }): Promise<void>
}

export interface KeepConnectedOptions<Connected extends AnyClient> {
  /** Makes a new client, and reads credentials anew if they can expire. */
  readonly connect: () => Connected
  /** Called with each client once its connection is open: subscribe here, and take a snapshot. */
  readonly onOpen: (client: Connected) => void | Promise<void>
  /** Told of each cut or failed attempt, and when the next attempt comes. */
  readonly onWait?: ((why: string, waitMs: number) => void) | undefined
  /** Ends it, and closes the client. */
  readonly signal: AbortSignal
  /** The bound of the first wait; it doubles with each failure. Default 200. */
  readonly firstWaitMs?: number | undefined
  /** The bound of every wait. Default 30,000. */
  readonly waitMsMax?: number | undefined
  /** A connection that has lasted for this long makes the next wait a first one. Default 10,000. */
  readonly stableMs?: number | undefined
  /** For tests. Default: the real time. */
  readonly time?: ReconnectTime | undefined
}

export interface ReconnectTime {
  nowMs(): number
  /** In [0, 1). */
  random(): number
  /** Rejects when the signal is aborted. It holds the process: there is no connection that would. */
  wait(ms: number, signal: AbortSignal): Promise<unknown>
}

const realTime: ReconnectTime = {
  nowMs: () => performance.now(),
  random: Math.random,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
}

/** Another attempt gets the same answer: the program, its credentials or its configuration has to change. */
const fatalCodes: readonly string[] = [
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'FAILED_PRECONDITION',
  'UNIMPLEMENTED', // no server there has this version of the contract
]
/** The same, of a handshake: another program answers there, or a peer that speaks no common version. */
const fatalReasons: readonly string[] = ['NOT_FRAMEPORT', 'VERSION_UNSUPPORTED']

/**
 * Keeps one client connected until the signal is aborted. Each client is a new one: calls of the one before have failed, with
 * `maybeExecuted` where they may have run, and nothing is called again here.
 *
 * @throws the RpcError that no further attempt mends, and what `onOpen` throws that is no RpcError
 */
export async function keepConnected<Connected extends AnyClient>(
  options: KeepConnectedOptions<Connected>,
): Promise<void> {
  const {
    onWait,
    signal,
    firstWaitMs = 200,
    waitMsMax = 30_000,
    stableMs = 10_000,
    time = realTime,
  } = options
  let failures = 0
  while (!signal.aborted) {
    const beganAtMs = time.nowMs()
    const { why, retryAfterMs = 0 } = await connectOnce(options)
    if (signal.aborted) return

    // A connection that is cut at once counts as a failure: the server may accept and be too busy for more.
    if (time.nowMs() - beganAtMs >= stableMs) failures = 0
    const boundMs = Math.min(waitMsMax, firstWaitMs * 2 ** failures)
    failures += 1
    // Full jitter: clients that were cut together come back one by one, and none before the time that the server asked for.
    const waitMs = retryAfterMs + time.random() * boundMs
    onWait?.(why, waitMs)
    await time.wait(waitMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

/** Settles when the connection is gone, or was not made. Rejects where no further attempt helps. */
async function connectOnce<Connected extends AnyClient>({
  connect,
  onOpen,
  signal,
}: KeepConnectedOptions<Connected>): Promise<{ readonly why: string; readonly retryAfterMs?: number }> {
  const client = connect()
  const close = () => void client.$close({ graceMs: 0 })
  signal.addEventListener('abort', close, { once: true })
  try {
    await client.$connection.opened()
    await onOpen(client)
    const { message, retryAfterMs = 0 } = await client.$connection.closed()
    return { why: message, retryAfterMs }
  } catch (error) {
    await client.$close({ graceMs: 0 })
    const reason = await client.$connection.closed()
    if (signal.aborted) return { why: 'stopped' }
    if (!RpcError.is(error) || fatalCodes.includes(error.code) || fatalReasons.includes(reason.code))
      throw error
    return { why: error.message, retryAfterMs: error.retryAfterMs ?? reason.retryAfterMs ?? 0 }
  } finally {
    signal.removeEventListener('abort', close)
  }
}
