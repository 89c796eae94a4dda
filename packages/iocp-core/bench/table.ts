import type { IdleMemory } from './memory.ts'
import type { Spread } from './statistics.ts'
import type { Place, Row } from './summary.ts'

/** Cells of one table; the first column is text and the others are figures. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const head = [
  'contestant',
  'frames/s',
  'ratio',
  'per CPU second',
  'of Bun',
  'of C++',
  'slowest p99',
  'p99 ratio',
  'aims',
]

export function placeTitle({ payloadBytes, connections, depth }: Place): string {
  return `${bytes(payloadBytes)}, ${count(connections, 'connection')}, depth ${depth}`
}

export function placeTable(place: Place): Table {
  const title = `${placeTitle(place)} (ratios to ${place.yardstick})`
  return { title, head, rows: place.rows.map(cells) }
}

function cells(row: Row): string[] {
  return [
    row.contestant,
    Math.round(row.framesPerSecond).toLocaleString('en'),
    spread(row.ratio),
    spread(row.ratioPerCpuSecond),
    spread(row.ratioToBun),
    Number.isNaN(row.ofLimit) ? '–' : `${Math.round(row.ofLimit * 100)} %`,
    `${(row.slowestP99Ns / 1000).toFixed(0)} µs`,
    spread(row.slowestP99Ratio),
    row.aims
      .map(({ of, ratio, met }) => `${of} ${Number(ratio.toFixed(2))} ${met ? 'met' : 'missed'}`)
      .join(', '),
  ]
}

export function memoryTable(memory: readonly IdleMemory[]): Table {
  const amounts = memory[0]?.residentBytes.map(({ connections }) => connections) ?? []
  return {
    title: 'Resident memory of the server with idle connections',
    head: ['contestant', ...amounts.map((amount) => `with ${amount.toLocaleString('en')}`), 'of each'],
    rows: memory.map(({ contestant, residentBytes, bytesPerConnection }) => [
      contestant,
      ...residentBytes.map((point) => `${(point.bytes / 2 ** 20).toFixed(1)} MiB`),
      `${(bytesPerConnection / 1024).toFixed(2)} KiB`,
    ]),
  }
}

/** `1.72 (1.65–1.80)`: the median, and the lowest and the highest. */
export function spread({ median, lowest, highest }: Spread): string {
  if (Number.isNaN(median)) return '–'
  return `${median.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`
}

export function bytes(amount: number): string {
  return amount % 1024 === 0 ? `${amount / 1024} KiB` : `${amount} B`
}

export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en')} ${noun}${amount === 1 ? '' : 's'}`
}

export function asText({ title, head: columns, rows }: Table): string {
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd()
  return [title, line(columns), ...rows.map(line), ''].join('\n')
}

export function asMarkdown({ title, head: columns, rows }: Table): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  const rule = columns.map((_, at) => (at === 0 ? '---' : '---:'))
  return [`**${title}**`, '', line(columns), line(rule), ...rows.map(line), ''].join('\n')
}
