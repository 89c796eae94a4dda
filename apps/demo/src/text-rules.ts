import { limits } from './limits.ts'
import { firstUnsafeCharacter, type UnsafeCharacter } from './safe-text.ts'

/*
 * Each rule returns a sentence for the person who wrote the text, or undefined when the text is allowed. The sentences
 * never repeat the text, because they are printed in terminals and logs.
 */

const nameForm = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u
const ignorable = /\p{Default_Ignorable_Code_Point}/u

/** The form in which names and rooms are used: compatibility forms (full-width letters, ligatures) are folded. */
export function normalisedName(name: string): string {
  return name.normalize('NFKC')
}

/** Names with the same key are the same name: Guest and guest cannot be two people. */
export function nameKey(name: string): string {
  return normalisedName(name).toLowerCase()
}

export function nameFault(name: string): string | undefined {
  return labelFault(name, 'name', limits.nameCharactersMax)
}

export function roomFault(room: string): string | undefined {
  return labelFault(room, 'room', limits.roomCharactersMax)
}

export function lineFault(line: string): string | undefined {
  if (line.trim() === '') return 'A line must not be blank.'
  const tooLong = lengthFault(line, 'line', limits.lineCharactersMax)
  if (tooLong !== undefined) return `${tooLong} Send it in parts.`
  const unsafe = firstUnsafeCharacter(line)
  return unsafe && `A line must not contain ${described(unsafe)}: they can disrupt the terminals of others.`
}

function labelFault(label: string, noun: 'name' | 'room', charactersMax: number): string | undefined {
  if (label === '') return `A ${noun} must have at least one character, for example ${example[noun]}.`
  const allowed = `use letters, digits, - _ and . (for example ${example[noun]})`
  const tooLong = lengthFault(label, noun, charactersMax)
  if (tooLong !== undefined) return tooLong
  const unsafe = firstUnsafeCharacter(label)
  if (unsafe !== undefined) return `A ${noun} must not contain ${described(unsafe)}: ${allowed}.`
  if (nameForm.test(label) && !ignorable.test(label)) return undefined
  return `A ${noun} must begin with a letter or a digit, and must not contain spaces or other characters: ${allowed}.`
}

const example = { name: 'guest', room: 'lobby' } as const

function lengthFault(text: string, noun: string, charactersMax: number): string | undefined {
  const characters = text.length <= charactersMax ? text.length : [...text].length
  if (characters <= charactersMax) return undefined
  return `A ${noun} may have at most ${formatted(charactersMax)} characters; this one has ${formatted(characters)}.`
}

/** Describes an unsafe character, as part of a sentence. */
export function described({ kind, codePoint, position }: UnsafeCharacter): string {
  const what = {
    control: 'control characters or terminal escapes',
    hidden: 'invisible or direction-changing characters',
    marks: `more than ${limits.marksInARowMax} combining marks in a row`,
  }[kind]
  return `${what} (${codePoint} at character ${position})`
}

function formatted(count: number): string {
  return count.toLocaleString('en')
}
