/*
 * What a person sees as one character is a grapheme (UAX #29): a letter with its marks, a family of emoji with the
 * joiners between them. Indexes are those of JavaScript's strings.
 */
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** Where the grapheme before `index` begins; 0 at the beginning. */
export function graphemeBefore(text: string, index: number): number {
  return segmenter.segment(text).containing(index - 1)?.index ?? 0
}

/** Where the grapheme at `index` ends; the length of the text at its end. */
export function graphemeAfter(text: string, index: number): number {
  const found = segmenter.segment(text).containing(index)
  return found === undefined ? text.length : found.index + found.segment.length
}

/** Where the word before `index` begins. Words are separated by spaces. */
export function wordBefore(text: string, index: number): number {
  return text.slice(0, index).replace(/\S*\s*$/u, '').length
}

/** Where the word at `index`, or the next one, ends. */
export function wordAfter(text: string, index: number): number {
  return index + (/^\s*\S*/u.exec(text.slice(index))?.[0].length ?? 0)
}
