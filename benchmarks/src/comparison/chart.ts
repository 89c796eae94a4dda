import type { Entry } from './contestants.ts'
import type { RowResult } from './result.ts'

/** A bar of the chart. */
export interface Bar {
  readonly row: string
  readonly contestant: string
  readonly role: Entry['role']
  /** Ratio to the reference, which is 1: longer is faster. */
  readonly speed: number
  readonly lowest: number
  readonly highest: number
}

export function barsOf(results: readonly RowResult[], entries: readonly Entry[]): Bar[] {
  return results.flatMap(({ row, figures }) =>
    figures.flatMap(({ name, speed }) => {
      const role = entries.find((entry) => entry.name === name)?.role
      if (speed === undefined || role === undefined) return []
      const { median, lowest, highest } = speed
      return [{ row: row.title, contestant: name, role, speed: median, lowest, highest }]
    }),
  )
}
