import { Allowance, type SessionEnvironment } from '@frameport/protocol/session'
import type { ServerLimits } from '../limits.ts'

/** How often a refusal may say which name was probably meant. Most servers never refuse one. */
export function hintAllowance(clock: SessionEnvironment, { hintsPerSecondMax }: ServerLimits): () => boolean {
  let hints: Allowance | undefined
  return () => {
    hints ??= new Allowance(clock, { burst: hintsPerSecondMax, perSecond: hintsPerSecondMax })
    return hints.take()
  }
}
