/** The number of characters of a text that an error quotes: enough to recognise the text, and at most a line. */
const quotedLengthMax = 80

/**
 * Describes a value for the text of an error: strings in quotes and at most 80 characters long, other primitives as they are, objects by their kind
 * (`a Map`). It never throws and shows no contents of objects.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, quotedLengthMax))
  if (typeof value === 'bigint') return `${value}n`.slice(0, quotedLengthMax)
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  const kind = tagOf(value)
  if (kind === undefined) return 'an object that cannot be shown'
  return `${/^(?:[AEIO]|U(?!int|RL))/i.test(kind) ? 'an' : 'a'} ${kind === 'Object' || kind === 'Array' ? kind.toLowerCase() : kind}`
}

/** `Object` or `Map`. Undefined if a getter of the class throws, or if the value is a revoked Proxy. */
function tagOf(value: object): string | undefined {
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1)
  } catch {
    return undefined
  }
}
