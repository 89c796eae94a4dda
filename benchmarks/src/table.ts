import type { Quartiles } from './statistics.ts'

/** Cells of one table; the first column is text and the others are figures. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function asText({ title, head, rows }: Table): string {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd()
  return [title, line(head), ...rows.map(line), ''].join('\n')
}

/** `0.982 (0.971–1.010)`: the median, and the middle half. */
export function spread({ lower, median, upper }: Quartiles): string {
  return `${median.toFixed(3)} (${lower.toFixed(3)}–${upper.toFixed(3)})`
}

/** Rounded to the significant digits. */
export function amount(figure: number): string {
  if (Number.isNaN(figure)) return '–'
  return figure.toLocaleString('en', { maximumFractionDigits: figure < 100 ? 3 : 0 })
}

/** Without the title, which is a heading above it. */
export function asMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, at) => (at === 0 ? '---' : '---:'))
  return [line(head), line(rule), ...rows.map(line), ''].join('\n')
}
