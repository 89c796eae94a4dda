/**
 * True for an object with the brand of an error class, of any copy of its package. Anything can be thrown: what
 * refuses to be asked (a revoked Proxy, a trap that throws) is simply not of the class.
 */
export function hasBrand(value: unknown, brand: symbol): boolean {
  try {
    return typeof value === 'object' && value !== null && brand in value
  } catch {
    return false
  }
}

/** The text of whatever was thrown, for a message: what gives none is shown as such. */
export function textOfThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown)
  } catch {
    return 'an error that cannot be shown'
  }
}
