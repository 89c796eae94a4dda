import { inspect } from 'node:util'

const shownLengthMax = 80

/** Describes a value for an error text: briefly, and without running the value's own code where possible. */
export function describeValue(value: unknown): string {
  const text = shown(value).replace(/\s+/g, ' ')
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null)
    return typeof value === 'bigint' ? `${value}n` : String(value)
  try {
    return inspect(value, {
      depth: 0,
      customInspect: false,
      maxArrayLength: 3,
      breakLength: Number.POSITIVE_INFINITY,
    })
  } catch {
    // A class may define the name of its instances by a getter, which may throw.
    return 'an object that cannot be shown'
  }
}
