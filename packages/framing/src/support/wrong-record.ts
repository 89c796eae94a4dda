import { describeValue } from './describe-value.ts'

/**
 * Checks that a value is an object with named members, like options and metadata. Without this check, a Map, a Promise or an AbortSignal would look like
 * an empty object.
 *
 * @param known names of members, which the object or its class may have. Without it, only members of the object itself count.
 * @returns undefined if the value is right, otherwise the end of a sentence: `a Map, not a plain object`
 * @throws the error of a Proxy trap or a getter of the value
 */
export function wrongRecord(value: unknown, known: readonly string[] = []): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `${describeValue(value)}, not an object`
  if (isPlain(value) || Object.keys(value).length > 0 || known.some((name) => name in value)) return undefined
  const shown = describeValue(value)
  return `${shown}${shown === 'an object' ? ' without members of its own' : ''}, not a plain object${cureFor(shown, known)}`
}

/** True for a plain object of any realm, and for one without a prototype, such as a module namespace. */
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
