import type { Colors } from '../colors.ts'
import { type Entry, harmless } from '../member/entry.ts'
import { nameKey } from '../text-rules.ts'
import { displayWidth } from './display-width.ts'

/** Without red (faults) and grey (history). Every colour is readable on dark and on light backgrounds. */
const palette = ['cyan', 'green', 'magenta', 'yellow', 'blueBright', 'cyanBright', 'magentaBright'] as const

/** The same colour for the same name on every screen (FNV-1a over its key). */
export function nameColor(name: string): (typeof palette)[number] {
  let hash = 0x811c9dc5
  for (const unit of nameKey(name)) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return palette[hash % palette.length] ?? 'cyan'
}

/** Names end in this column, so that all lines start in the same column. A longer name moves its own line. */
const nameWidth = 10
/** The width of a notice in 80 columns, after the time and the names. */
export const noticeColumns = 80 - (6 + nameWidth - 1 + 2)
/** A narrower terminal has no room for that column. */
const columnsForNames = 60

/** Draws an entry as a row of a terminal with that many columns: the time, then the name in its colour. */
export function painted(entry: Entry, colors: Colors, ownName: string, columns: number): string {
  const safe = harmless(entry)
  const isWide = columns >= columnsForNames
  const margin = isWide ? ' '.repeat(6 + nameWidth - 1) : ''
  if (safe.kind === 'notice') return colors.dim(`${margin}* ${safe.text}`)
  if (safe.kind === 'fault') return colors.red(`${margin}! ${safe.text}`)
  const time = colors.dim(clockTime(safe.atMs))
  const indent = ' '.repeat(isWide ? Math.max(0, nameWidth - 1 - displayWidth(safe.name)) : 0)
  const coloured = colors[nameColor(safe.name)](safe.name)
  const name = safe.name === ownName ? colors.bold(coloured) : coloured
  return `${time} ${indent}${name}: ${safe.past ? colors.dim(safe.text) : safe.text}`
}

function clockTime(atMs: number): string {
  const date = new Date(atMs)
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
}
