import { digits } from '../comparison/report.ts'
import { median } from '../statistics.ts'
import type { Table } from '../table.ts'
import type { ConnectionFigures } from './measure-connections.ts'
import type { EventFigures } from './measure-events.ts'

/** Figures of all rounds by contestant. */
export type ByName<T> = ReadonlyMap<string, readonly T[]>

interface Column<T> {
  readonly head: string
  /** Undefined or NaN if the figure does not exist. */
  readonly figure: (figures: T) => number | undefined
}

const connectionColumns: readonly Column<ConnectionFigures>[] = [
  { head: 'KiB resident', figure: ({ residentBytes }) => residentBytes / 1024 },
  { head: 'KiB of heap', figure: ({ heapBytes }) => heapBytes / 1024 },
  { head: 'KiB of the kernel', figure: ({ kernelBytes }) => kernelBytes / 1024 },
  {
    head: 'KiB of heap, client away',
    figure: ({ detachedHeapBytes }) => detachedHeapBytes && detachedHeapBytes / 1024,
  },
  { head: 'µs to open', figure: ({ openedUs }) => openedUs },
  { head: 'opened/s', figure: ({ openedPerSecond }) => openedPerSecond },
  { head: 'µs to come back', figure: ({ cameBackUs }) => cameBackUs },
  { head: 'µs/call', figure: ({ callUs }) => callUs },
  { head: 'longest collection ms', figure: ({ longestCollectionMs }) => longestCollectionMs },
  { head: 'full collection ms', figure: ({ fullCollectionMs }) => fullCollectionMs },
]

const eventColumns: readonly Column<EventFigures>[] = [
  { head: 'publisher µs/event', figure: ({ publisherUs }) => publisherUs },
  { head: 'nats-server µs/event', figure: ({ natsUs }) => natsUs },
  { head: 'each receiver µs/event', figure: ({ receiverUs }) => receiverUs },
  { head: 'µs of the clock', figure: ({ elapsedUs }) => elapsedUs },
]

export function connectionTable(connections: number, figures: ByName<ConnectionFigures>): Table {
  const title = `Servers of ${connections.toLocaleString('en')} connections, each figure for one connection`
  return tableOf(title, 'contestant', figures, connectionColumns)
}

export function heartbeatTable(connections: number, figures: ByName<number>): Table {
  const head = `CPU ms a second of ${connections.toLocaleString('en')} sessions`
  return tableOf('Heartbeats at the default interval', 'contestant', figures, [{ head, figure: (ms) => ms }])
}

export function eventTable(figures: ByName<EventFigures>): Table {
  return tableOf('An event of 200 bytes between servers', 'way, in flight', figures, eventColumns)
}

function tableOf<T>(title: string, first: string, figures: ByName<T>, columns: readonly Column<T>[]): Table {
  return {
    title,
    head: [first, ...columns.map(({ head }) => head)],
    rows: [...figures].map(([name, rounds]) => [
      name,
      ...columns.map(({ figure }) => cell(rounds.map(figure))),
    ]),
  }
}

/** The median of the rounds, with the lowest and the highest if there are several. */
function cell(given: readonly (number | undefined)[]): string {
  const figures = given.filter((figure) => figure !== undefined && !Number.isNaN(figure)) as number[]
  if (figures.length === 0) return '–'
  const middle = digits(median(figures))
  return figures.length === 1
    ? middle
    : `${middle} (${digits(Math.min(...figures))}–${digits(Math.max(...figures))})`
}
