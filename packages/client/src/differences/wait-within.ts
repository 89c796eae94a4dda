import type { CallsOfSignals } from '@frameport/protocol/calling'
import type { SessionEnvironment } from '@frameport/protocol/session'

export interface WaitContext {
  readonly environment: SessionEnvironment
  /** The calls that wait until a signal is aborted. */
  readonly signals: CallsOfSignals
}

/**
 * Settles when `awaited` settles, after `timeoutMs`, or when `signal` is aborted. `awaited` must never reject. Never
 * rejects.
 */
export async function waitWithin(
  awaited: Promise<void>,
  { environment, signals }: WaitContext,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted === true) return
  let leave!: () => void
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  const timer = timeoutMs === undefined ? undefined : environment.setTimer(timeoutMs, leave)
  if (signal !== undefined) signals.add(signal, leave)
  await Promise.race([awaited, left])
  timer?.cancel()
  if (signal !== undefined) signals.remove(signal, leave)
}
