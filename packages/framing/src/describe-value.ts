const shownLengthMax = 40

/** A value for the text of an error: short, and without a failure of its own. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the text "${shortened(value)}"`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return shortened(`${value}n`)
  if (typeof value !== 'object' || value === null) return shortened(String(value))
  try {
    // The tag may be a getter of the value's class, and a Proxy may be revoked.
    return shortened(Object.prototype.toString.call(value))
  } catch {
    return 'an object that cannot be shown'
  }
}

function shortened(text: string): string {
  const line = text.slice(0, shownLengthMax).replace(/\s+/g, ' ')
  return text.length > shownLengthMax ? `${line}…` : line
}
