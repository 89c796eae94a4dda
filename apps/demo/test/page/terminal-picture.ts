import type { ScreenEmulator, StyledRun } from '../support/screen-emulator.ts'

/** The width of a character and the height of a row, at 14 pixels of a typical monospaced font. */
const columnPx = 8.43
const rowPx = 20
const marginPx = 16
const barPx = 40
const family = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
const plain = '#d7dae0'
const dim = '#7d8590'
const background = '#16191f'
/** The 16 colours of a terminal (ECMA-48, section 8.3.117, and its bright half). */
const palette = [
  '#545d68',
  '#ff7b72',
  '#57c785',
  '#e5c07b',
  '#6cb6ff',
  '#d78bf0',
  '#56d4dd',
  '#d7dae0',
  '#7d8590',
  '#ff9a92',
  '#7ee2a8',
  '#f2d58b',
  '#8ecbff',
  '#e5a9f7',
  '#7fe3ea',
  '#ffffff',
] as const

/** The screen of a terminal as a picture (SVG), in a window with this title. */
export function terminalPicture(screen: ScreenEmulator, title: string, description: string): string {
  const rows = screen.styledRows
  const width = Math.round(screen.columns * columnPx + 2 * marginPx)
  const height = barPx + rows.length * rowPx + marginPx
  const lines = rows.map((runs, row) => {
    const spans = runs.map(spanOf).join('')
    return `<text y="${barPx + 12 + row * rowPx}" xml:space="preserve">${spans}</text>`
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(description)}">`,
    `<rect width="${width}" height="${height}" rx="9" fill="${background}"/>`,
    '<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>',
    `<text x="${width / 2}" y="22" fill="${dim}" text-anchor="middle" font-family="${family}" font-size="12">${escaped(title)}</text>`,
    `<g font-family="${family}" font-size="14">`,
    ...lines,
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

/** A span with a fixed length, so that rows stay in their columns with any font. */
function spanOf({ column, columns, text, colour, isBold, isDim }: StyledRun): string {
  const fill = isDim ? dim : colour === undefined ? plain : (palette[colour] ?? plain)
  const weight = isBold ? ' font-weight="bold"' : ''
  const x = (marginPx + column * columnPx).toFixed(1)
  const length = (columns * columnPx).toFixed(1)
  return `<tspan x="${x}" textLength="${length}" fill="${fill}"${weight}>${escaped(text)}</tspan>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
