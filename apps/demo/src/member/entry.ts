import type { HistoryPage, Line, LinePlace } from '../chat-contract.ts'
import { neutralised } from '../safe-text.ts'

/** One row of the chat before it is drawn, in colours or as plain text. */
export type Entry =
  | {
      readonly kind: 'line'
      readonly atMs: number
      readonly name: string
      readonly text: string
      /** From the history: said before this member joined. */
      readonly past: boolean
      /** The place in the log of the room, if known. */
      readonly place?: LinePlace | undefined
    }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string }

export type LineEntry = Extract<Entry, { readonly kind: 'line' }>

export function lineEntry(
  { atMs, name, text }: Line,
  place: LinePlace | undefined,
  past: boolean,
): LineEntry {
  return { kind: 'line', atMs, name, text, past, place }
}

/** Lines of a history as entries, oldest first. */
export function lineEntries({ log, lines }: Pick<HistoryPage, 'log' | 'lines'>, past: boolean): LineEntry[] {
  return lines.map(({ number, line }) => lineEntry(line, { log, number }, past))
}

/** Divides the lines of a history into those before a moment and those since then. */
export function partedAt(
  { log, lines }: Pick<HistoryPage, 'log' | 'lines'>,
  atMs = Number.POSITIVE_INFINITY,
): { readonly past: readonly LineEntry[]; readonly since: readonly LineEntry[] } {
  const found = lines.findIndex(({ line }) => line.atMs > atMs)
  const at = found < 0 ? lines.length : found
  return {
    past: lineEntries({ log, lines: lines.slice(0, at) }, true),
    since: lineEntries({ log, lines: lines.slice(at) }, false),
  }
}

/** Shows an entry to the person, or adds it to the transcript. */
export type Show = (entry: Entry) => void

/** The same entry without characters that a terminal would act on. */
export function harmless<Shown extends Entry>(entry: Shown): Shown {
  const text = neutralised(entry.text)
  return entry.kind === 'line' ? { ...entry, name: neutralised(entry.name), text } : { ...entry, text }
}

/** An entry as a row of a transcript: `name: text`, `* notice`, `! fault`. */
export function transcriptRow(entry: Entry): string {
  const safe = harmless(entry)
  if (safe.kind === 'line') return `${safe.name}: ${safe.text}`
  return `${safe.kind === 'notice' ? '*' : '!'} ${safe.text}`
}
