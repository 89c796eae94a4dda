import { byteSize } from '../../byte-sizes.ts'
import type { Colors } from '../../colors.ts'
import { limits } from '../../limits.ts'
import type { FileProgress } from '../../member/file-progress.ts'
import { neutralised } from '../../safe-text.ts'
import { displayWidth, fitted } from '../display-width.ts'

const barColumns = { least: 8, most: 24 }

/** The rows above the status, one for each running transfer. None is wider than the terminal. */
export function progressRows(files: readonly FileProgress[], columns: number, colors: Colors): string[] {
  const rows = files.slice(0, limits.progressRowsMax).map((file) => progressRow(file, columns, colors))
  const more = files.length - rows.length
  if (more > 0) rows.push(colors.dim(fitted(`  and ${more} more: /files`, columns - 1)))
  return rows
}

/** `↓ notes.pdf ████████░░░░░░░░  52 % · 640 kB of 1.2 MB · 310 kB/s · 2 s left`, as much of it as has room. */
function progressRow(file: FileProgress, columns: number, colors: Colors): string {
  const width = Math.max(0, columns - 1)
  const head = `${file.direction === 'in' ? '↓' : '↑'} ${shortName(file.name, Math.floor(width / 3))} `
  if (file.waitsFor !== undefined)
    return fitted(head, width) + colors.dim(rest(file.waitsFor, width - displayWidth(head)))
  const figures = figuresOf(file)
  let tail = ` ${figures[0]}`
  for (const figure of figures.slice(1)) {
    const longer = `${tail} · ${figure}`
    if (displayWidth(head) + barColumns.least + displayWidth(longer) > width) break
    tail = longer
  }
  const room = Math.min(barColumns.most, width - displayWidth(head) - displayWidth(tail))
  if (room < barColumns.least) return fitted(head + tail.trimStart(), width)
  const done = Math.round(file.share * room)
  return `${head}${colors.cyan('█'.repeat(done))}${colors.dim('░'.repeat(room - done))}${colors.dim(tail)}`
}

/** The most important one first: a narrow terminal shows it alone. */
function figuresOf(file: FileProgress): [string, ...string[]] {
  const { doneBytes, bytes, heldUpBy, bytesPerSecond: rate } = file
  const figures: [string, ...string[]] = [percentText(file)]
  if (heldUpBy !== undefined) figures.push(`waits for ${neutralised(heldUpBy)}`)
  figures.push(`${byteSize(doneBytes)} of ${byteSize(bytes)}`)
  if (heldUpBy !== undefined || rate === undefined) return figures
  figures.push(`${byteSize(Math.round(rate))}/s`)
  if (rate >= 1) figures.push(`${timeText((bytes - doneBytes) / rate)} left`)
  return figures
}

/** Never 100 % before the last byte. */
function percentText({ share }: FileProgress): string {
  return `${String(Math.floor(share * 100)).padStart(3)} %`
}

function timeText(exactSeconds: number): string {
  const seconds = Math.ceil(exactSeconds)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}

/** A long name keeps its beginning and its end: the extension says what it is. */
function shortName(name: string, columnsMax: number): string {
  const shown = neutralised(name)
  if (displayWidth(shown) <= columnsMax) return shown
  const end = [...shown].slice(-6).join('')
  const start = fitted(shown, columnsMax - 1 - displayWidth(end))
  return start === '' ? fitted(shown, columnsMax) : `${start}…${end}`
}

function rest(text: string, columnsMax: number): string {
  if (columnsMax < 1) return ''
  const shown = neutralised(text)
  return displayWidth(shown) <= columnsMax ? shown : `${fitted(shown, columnsMax - 1)}…`
}

/** The same for output without a cursor: `notes.pdf: 52 % of 1.2 MB`. */
export function progressText(file: FileProgress): string {
  return `${file.name}: ${percentText(file).trimStart()} of ${byteSize(file.bytes)}`
}
