import type { KindOfCall } from './contestant.ts'

/** One kind of work, with its parameters: a row of the comparison. */
export interface Row {
  readonly name: string
  readonly title: string
  readonly kind: KindOfCall | 'idle'
  readonly connections: number
  /** Calls under way on each connection; of events, those that are under way altogether. */
  readonly inFlight: number
  /** Bytes of each message as JSON. */
  readonly messageBytes: number
  /** Of a stream. */
  readonly items?: number
  /** Of an upload. */
  readonly uploadBytes?: number
  /** Each call is timed in the closed loop, too, where that takes little of it. */
  readonly isTimed?: boolean
  /** Latencies are measured, at the same open load for all. */
  readonly isLoadOpened?: boolean
  /** Bytes that a call allocates are measured. */
  readonly isAllocationCounted?: boolean
}

export type Unit = 'call' | 'item' | 'MB' | 'delivery'

/** What is counted, and how many of it one step does. */
export function unitsOfStep(row: Row): { readonly unit: Unit; readonly units: number } {
  switch (row.kind) {
    case 'stream':
      return { unit: 'item', units: row.items ?? 0 }
    case 'upload':
      return { unit: 'MB', units: (row.uploadBytes ?? 0) / 1e6 }
    case 'subscribe':
      return { unit: 'delivery', units: row.connections }
    default:
      return { unit: 'call', units: 1 }
  }
}
