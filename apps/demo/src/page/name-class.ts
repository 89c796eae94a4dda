import { nameKey } from '../text-rules.ts'

const colours = 8

/** The class of the colour of a name: the same on every page. */
export function nameClass(name: string): string {
  let sum = 0
  for (const character of nameKey(name)) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return `name-${sum % colours}`
}
