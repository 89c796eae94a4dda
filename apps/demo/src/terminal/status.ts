import type { Colors } from '../colors.ts'
import { neutralised } from '../safe-text.ts'
import { displayWidth, fitted } from './display-width.ts'
import type { FileProgress } from './files/progress.ts'
import { typingSentence } from './typists.ts'

/** The facts that the rows above the input line show. */
export interface StatusFacts {
  readonly room: string
  readonly members: number
  readonly typing: readonly string[]
  /** Offered or on their way, from here or to here. */
  readonly files: readonly FileProgress[]
}

/** `── lobby · 3 here · alice is typing ────────`, never wider than the terminal. */
export function statusRow(facts: Omit<StatusFacts, 'files'>, columns: number, colors: Colors): string {
  const parts = [facts.room, `${facts.members} here`, typingSentence(facts.typing)].filter(
    (part) => part !== '',
  )
  const width = Math.max(0, columns - 1)
  const text = fitted(`── ${neutralised(parts.join(' · '))} `, width)
  return colors.dim(text + '─'.repeat(width - displayWidth(text)))
}
