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
    }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string }

/** Shows an entry to the person, or adds it to the transcript. */
export type Show = (entry: Entry) => void

/** The same entry without characters that a terminal would act on. */
export function harmless(entry: Entry): Entry {
  const text = neutralised(entry.text)
  return entry.kind === 'line' ? { ...entry, name: neutralised(entry.name), text } : { ...entry, text }
}

/** An entry as a row of a transcript: `name: text`, `* notice`, `! fault`. */
export function transcriptRow(entry: Entry): string {
  const safe = harmless(entry)
  if (safe.kind === 'line') return `${safe.name}: ${safe.text}`
  return `${safe.kind === 'notice' ? '*' : '!'} ${safe.text}`
}
