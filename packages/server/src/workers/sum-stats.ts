import type { ServerStats } from '../stats.ts'

const nothing: ServerStats = {
  connections: 0,
  connectionsDetached: 0,
  handlersInFlight: 0,
  topics: 0,
  totals: {
    connectionsAccepted: 0,
    callsBegun: 0,
    callsFailed: 0,
    callsRefused: 0,
    bytesReceived: 0,
    bytesSent: 0,
  },
  listeners: [],
  queuedBytes: 0,
  events: { published: 0, delivered: 0, bytesWaiting: 0, leftOut: 0, slowSubscribers: 0 },
  memory: { bytes: 0, bytesMax: 0, connectionsGivenUp: 0 },
  connectionsWaitingForTurn: 0,
}

/** Adds all figures, and concatenates all lists. */
export function sumStats(all: readonly ServerStats[]): ServerStats {
  return all.reduce((sum: object, one) => added(sum, one), nothing) as ServerStats
}

/** Includes figures that only one of the two objects has. */
function added(sum: object, one: object): object {
  const result: Record<string, unknown> = { ...sum }
  for (const [name, value] of Object.entries(one)) {
    const before = result[name]
    if (typeof value === 'number') result[name] = (typeof before === 'number' ? before : 0) + value
    else if (Array.isArray(value)) result[name] = [...(Array.isArray(before) ? before : []), ...value]
    else if (typeof value === 'object' && value !== null)
      result[name] = added((before ?? {}) as object, value)
  }
  return result
}
