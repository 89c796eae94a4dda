import type { Colors } from '../colors.ts'
import type { StatusFacts } from '../member/status-facts.ts'
import { typingSentence } from '../member/typists.ts'
import { neutralised } from '../safe-text.ts'
import { displayWidth, fitted } from './display-width.ts'

/**
 * One of these rows, never wider than the terminal:
 * `── lobby · 3 here, 1 away · alice is typing ────────`,
 * `── lobby · reconnecting … (3 s) · 2 unsent ──`,
 * `── lobby · no answer … (3 s) · 1 unsent ──`
 *
 * @param unsent lines that were entered and not sent
 */
export function statusRow(
  facts: Omit<StatusFacts, 'files'>,
  columns: number,
  colors: Colors,
  unsent = 0,
): string {
  const width = Math.max(0, columns - 1)
  const text =
    facts.outage === undefined ? companyText(facts, width) : outageText(facts, facts.outage, unsent, width)
  const row = text + '─'.repeat(width - displayWidth(text))
  return facts.outage === undefined ? colors.dim(row) : colors.yellow(row)
}

function companyText({ room, members, away, typing }: Omit<StatusFacts, 'files'>, width: number): string {
  const company = away === 0 ? `${members} here` : `${members} here, ${away} away`
  const parts = [room, company, typingSentence(typing)].filter((part) => part !== '')
  return fitted(`── ${neutralised(parts.join(' · '))} `, width)
}

/** Shortens a long room name to make room for the outage and the number of unsent lines. */
function outageText(
  { room }: Omit<StatusFacts, 'files'>,
  { seconds, isSilent }: NonNullable<StatusFacts['outage']>,
  unsent: number,
  width: number,
): string {
  const since = seconds === 0 ? '' : ` (${seconds} s)`
  const what = isSilent ? 'no answer' : 'reconnecting'
  const state = `${what} …${since}${unsent === 0 ? '' : ` · ${unsent} unsent`} `
  const name = neutralised(room)
  const roomWidth = width - displayWidth(`──  · ${state}`)
  if (displayWidth(name) <= roomWidth) return `── ${name} · ${state}`
  return fitted(roomWidth < 3 ? `── ${state}` : `── ${fitted(name, roomWidth - 1)}… · ${state}`, width)
}
