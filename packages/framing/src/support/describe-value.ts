/** Characters of a text that an error quotes: enough to recognise it, and no more than a line. */
const quotedLengthMax = 80

/**
 * A value as the text of an error shows it: a text in quotes, what is no primitive by its kind. It never fails, and it
 * shows nothing that is inside an object.
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

/** `Object`, `Map`: it may be a getter of the value's class, and a Proxy may be revoked. */
function tagOf(value: object): string | undefined {
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1)
  } catch {
    return undefined
  }
}
