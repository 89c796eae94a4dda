import type { ServerStats } from '@frameport/server'
import type { ServerFigures } from '../../figures-contract.ts'

/** The figures that a meter needs in addition to `stats()` of a server. */
export interface PeerFigures {
  readonly slow: number
  readonly cutOff: number
  /** Of the calls that ended since the last reading. */
  readonly longestCallMs: number
}

/**
 * Computes rates from the totals of `stats()`: the difference between two readings, divided by the time between them.
 */
export class Meter {
  #before: { readonly atMs: number; readonly stats: ServerStats } | undefined

  /** Makes the next reading the first one, so that no rate covers a time without viewers. */
  reset(): void {
    this.#before = undefined
  }

  read(stats: ServerStats, observed: PeerFigures, atMs: number): Omit<ServerFigures, 'server' | 'label'> {
    const before = this.#before
    this.#before = { atMs, stats }
    const { slow, cutOff, longestCallMs } = observed
    const figures = {
      backend: [...new Set(stats.listeners.flatMap(({ backend }) => backend ?? []))].join('+').slice(0, 64),
      connections: stats.connections,
      away: stats.connectionsDetached,
      queuedBytes: stats.queuedBytes,
      slow,
      cutOff,
    }
    const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1_000
    if (before === undefined || seconds <= 0) return figures
    // Totals only grow. This avoids a negative rate in any case.
    const rate = (now: number, then: number) => Math.max(0, now - then) / seconds
    const [now, then] = [stats.totals, before.stats.totals]
    return {
      ...figures,
      rates: {
        calls: rate(now.callsBegun, then.callsBegun),
        callsFailed: rate(now.callsFailed, then.callsFailed),
        events: rate(stats.events.delivered, before.stats.events.delivered),
        bytesSent: rate(now.bytesSent, then.bytesSent),
        longestCallMs,
      },
    }
  }
}
