import { describeValue } from './describe-value.ts'

/**
 * What is wrong with something that has to be an object of named members, as options and metadata are, or undefined. What
 * keeps its own elsewhere (a Map, a Promise, an AbortSignal) would pass for an object that is empty.
 *
 * @param known names that may stand in it, or in its class. Without them its own members are all that is looked at.
 * @returns the end of a sentence: `a Map, not a plain object`. It throws what a trap or a getter of the value throws.
 */
export function wrongRecord(value: unknown, known: readonly string[] = []): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `${describeValue(value)}, not an object`
  if (isPlain(value) || Object.keys(value).length > 0 || known.some((name) => name in value)) return undefined
  const shown = describeValue(value)
  return `${shown}${shown === 'an object' ? ' without members of its own' : ''}, not a plain object${cureFor(shown, known)}`
}

/** Of any realm, or without a prototype, as the namespace of a module is. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function cureFor(shown: string, known: readonly string[]): string {
  switch (shown) {
    case 'a Promise':
      return ': await it first'
    case 'a Map':
    case 'a Headers':
    case 'a URLSearchParams':
    case 'a FormData':
      return ': give Object.fromEntries() of it'
    case 'an AbortSignal':
      return known.includes('signal') ? ': give it as { signal }' : ''
    default:
      return ''
  }
}
