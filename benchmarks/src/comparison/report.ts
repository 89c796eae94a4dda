import type { Unit } from '../../support/rival/row.ts'
import { asMarkdown, type Table } from '../table.ts'
import type { Figures, RowResult, Spread } from './result.ts'

interface Column {
  readonly head: (result: RowResult) => string
  readonly cell: (figures: Figures) => string | undefined
}

const plurals: Readonly<Record<Unit, string>> = {
  call: 'calls',
  item: 'items',
  MB: 'MB',
  delivery: 'deliveries',
}

/** From 100 on without decimals, otherwise with three digits. */
export function digits(figure: number): string {
  return figure.toLocaleString(
    'en',
    figure < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 },
  )
}

const shown = (figure: number | undefined, scale = 1) =>
  figure === undefined || Number.isNaN(figure) ? undefined : digits(figure / scale)

/** How many times faster the reference is: the inverse of the contestant's speed. */
function referenceSpeed({ median, lowest, highest }: Spread): string {
  return `${(1 / median).toFixed(2)} (${(1 / highest).toFixed(2)}–${(1 / lowest).toFixed(2)})`
}

const columns: readonly Column[] = [
  { head: ({ unit }) => `${plurals[unit]}/s`, cell: ({ unitsPerSecond }) => shown(unitsPerSecond) },
  {
    head: ({ reference }) => `${reference} is … times as fast`,
    cell: ({ speed }) => (speed === undefined ? undefined : referenceSpeed(speed)),
  },
  { head: ({ unit }) => `server µs/${unit}`, cell: ({ serverUs }) => shown(serverUs) },
  { head: ({ unit }) => `client µs/${unit}`, cell: ({ clientUs }) => shown(clientUs) },
  { head: () => 'server KB/call', cell: ({ serverBytes }) => shown(serverBytes, 1000) },
  { head: () => 'client KB/call', cell: ({ clientBytes }) => shown(clientBytes, 1000) },
  { head: () => 'p50 µs, one at a time', cell: ({ closedP50Us }) => shown(closedP50Us) },
  { head: () => 'p50 µs, open load', cell: ({ openP50Us }) => shown(openP50Us) },
  { head: () => 'p99 µs, open load', cell: ({ openP99Us }) => shown(openP99Us) },
  { head: () => 'server MiB', cell: ({ residentBytes }) => shown(residentBytes, 2 ** 20) },
  { head: () => 'KiB/connection', cell: ({ bytesPerConnection }) => shown(bytesPerConnection, 1024) },
]

/** The columns in which at least one contestant has a figure. */
export function rowTable(result: RowResult): Table {
  const used = columns.filter(({ cell }) => result.figures.some((figures) => cell(figures) !== undefined))
  return {
    title: result.row.title,
    head: ['contestant', ...used.map(({ head }) => head(result))],
    rows: result.figures.map((figures) => [figures.name, ...used.map(({ cell }) => cell(figures) ?? '–')]),
  }
}

/** Notes for readers of the table. */
export function rowNotes({ openPerSecond, twins, leftOut }: RowResult): string[] {
  return [
    ...(openPerSecond === undefined
      ? []
      : [
          `The open load is ${digits(openPerSecond)} calls a second, half the rate of the slowest contestant.`,
        ]),
    ...twins.map(
      ({ name, speed: { median, lowest, highest } }) =>
        `The twin of ${name} is ${median.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)}) times as fast.`,
    ),
    ...(leftOut.length === 0 ? [] : [`Left out, because they have no such call: ${leftOut.join(', ')}.`]),
  ]
}

export function reportOf(results: readonly RowResult[]): string {
  return results
    .flatMap((result) => {
      const { title, head, rows } = rowTable(result)
      return [
        `### ${title[0]?.toUpperCase()}${title.slice(1)}`,
        '',
        asMarkdown({ title, head, rows }),
        ...notes(result),
      ]
    })
    .join('\n')
}

function notes(result: RowResult): string[] {
  const said = rowNotes(result)
  return said.length === 0 ? [] : [said.join(' '), '']
}
