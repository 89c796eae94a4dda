import type { RoomTalk } from '../../support/room/program.ts'
import { digits } from '../comparison/report.ts'
import { median } from '../statistics.ts'
import type { Table } from '../table.ts'

/** The figures of one contestant in one slice of time. */
export interface RoomSlice extends RoomTalk {
  /** CPU time of all threads of the process. */
  readonly serverNs: number
  readonly clientNs: number
  /** Of the server. */
  readonly residentBytes: number
}

const deliveriesPerSecond = ({ deliveries, serverNs }: RoomSlice) => deliveries / (serverNs / 1e9)

/** The others are compared with the first contestant, slice by slice, so that other load on the machine affects both. */
export function roomTable(title: string, slices: ReadonlyMap<string, readonly RoomSlice[]>): Table {
  const [reference] = [...slices.values()]
  if (reference === undefined) throw new Error('There is no contestant.')
  return {
    title,
    head: [
      'contestant',
      'deliveries for a CPU second of the server',
      'of the first, times as many',
      'server µs/delivery',
      'p50 ms',
      'p99 ms',
      'longest ms',
      'server MiB',
    ],
    rows: [...slices].map(([name, own]) => {
      const of = (figure: (slice: RoomSlice) => number) => median(own.map(figure))
      const ratios = own.map((slice, at) => deliveriesPerSecond(reference[at]!) / deliveriesPerSecond(slice))
      return [
        name,
        digits(of(deliveriesPerSecond)),
        `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
        digits(of(({ serverNs, deliveries }) => serverNs / 1000 / deliveries)),
        digits(of(({ latencies }) => latencies.p50Us / 1000)),
        digits(of(({ latencies }) => latencies.p99Us / 1000)),
        digits(of(({ latencies }) => latencies.mostUs / 1000)),
        digits(of(({ residentBytes }) => residentBytes / 2 ** 20)),
      ]
    }),
  }
}
