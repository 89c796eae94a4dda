import { Allowance, type SessionEnvironment } from '@frameport/protocol/session'
import type { ServerLimits } from '../limits.ts'

/**
 * Limits the rate of hints in refusals ("Did you mean …?"). Created on first use, because most servers never refuse a
 * name.
 */
export function hintAllowance(clock: SessionEnvironment, { hintsPerSecondMax }: ServerLimits): () => boolean {
  let hints: Allowance | undefined
  return () => {
    hints ??= new Allowance(clock, { burst: hintsPerSecondMax, perSecond: hintsPerSecondMax })
    return hints.take()
  }
}
