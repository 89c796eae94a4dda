import { limits } from './limits.ts'

/**
 * A character that must not reach the terminals of other people. Escapes (ESC, the C1 forms of CSI and OSC) move the
 * cursor and set titles, direction overrides reverse the text beside them, invisible characters make two names look
 * the same. The server refuses such text. Terminals neutralise it as well, because they do not trust the server.
 */
export interface UnsafeCharacter {
  readonly kind: 'control' | 'hidden' | 'marks'
  readonly codePoint: string
  /** Counted in characters, from 1. */
  readonly position: number
}

const control = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u
const hidden = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u
const mark = /\p{M}/u
const variationSelector = /\p{Variation_Selector}/u
const joiner = /[\u200c\u200d]/u
const letterThatJoins = /(?!\p{Script=Latin})\p{L}/u
const pictograph = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u

export function firstUnsafeCharacter(text: string): UnsafeCharacter | undefined {
  const characters = [...text]
  let marksInARow = 0
  for (const [index, character] of characters.entries()) {
    marksInARow = mark.test(character) ? marksInARow + 1 : 0
    const kind = unsafeKind(characters, index, marksInARow)
    if (kind !== undefined) return { kind, codePoint: codePointName(character), position: index + 1 }
  }
  return undefined
}

/** The same text with every unsafe character written out as `<U+001B>`, and marks over the limit left out. */
export function neutralised(text: string): string {
  return neutralisedParts(text).join('')
}

/** The characters of a text, each as `neutralised` shows it, so that positions in the text stay valid. */
export function neutralisedParts(text: string): string[] {
  const characters = [...text]
  let marksInARow = 0
  return characters.map((character, index) => {
    marksInARow = mark.test(character) ? marksInARow + 1 : 0
    const kind = unsafeKind(characters, index, marksInARow)
    if (kind === undefined) return character
    return kind === 'marks' ? '' : `<${codePointName(character)}>`
  })
}

function unsafeKind(
  characters: readonly string[],
  index: number,
  marksInARow: number,
): UnsafeCharacter['kind'] | undefined {
  const character = characters[index] ?? ''
  if (control.test(character)) return 'control'
  if (hidden.test(character) && !isAllowedHere(characters, index)) return 'hidden'
  return marksInARow > limits.marksInARowMax ? 'marks' : undefined
}

/** Allowed are joiners inside emoji and scripts that need them, and one variation selector after a character. */
function isAllowedHere(characters: readonly string[], index: number): boolean {
  const character = characters[index] ?? ''
  const before = characters[index - 1] ?? ''
  const after = characters[index + 1] ?? ''
  if (joiner.test(character)) {
    const follows = pictograph.test(before) || letterThatJoins.test(before) || mark.test(before)
    return follows && (pictograph.test(after) || letterThatJoins.test(after))
  }
  return variationSelector.test(character) && /\S/u.test(before) && !hidden.test(before)
}

function codePointName(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
}
