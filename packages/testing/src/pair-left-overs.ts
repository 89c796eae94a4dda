import type { PairEnd } from './pair-end.ts'
import type { EndSink } from './pair-end-types.ts'
import type { ArrivalQueue } from './wire.ts'

/** The remaining data and open ends of a pair, one line each. */
export function leftOversOf(
  kind: 'pair' | 'pair of channels',
  ends: Readonly<Record<'a' | 'b', Pick<PairEnd<EndSink, ArrivalQueue>, 'state' | 'counters'>>>,
): string[] {
  return Object.entries(ends).flatMap(([name, { state, counters }]) => {
    const { queuedBytes, onWayBytes } = counters
    const lines = state === 'open' ? [`end ${name} of a ${kind} is open`] : []
    if (queuedBytes + onWayBytes === 0) return lines
    return [...lines, `end ${name} of a ${kind} has ${queuedBytes} bytes queued and ${onWayBytes} on the way`]
  })
}
