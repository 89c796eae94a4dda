/**
 * True for an object with the brand of an error class, of any copy of its package. Anything can be thrown: what
 * refuses to be asked (a revoked Proxy, a trap that throws) is simply not of the class.
 */
export function hasBrand(value: unknown, brand: symbol): boolean {
  try {
    // What is null throws, too.
    return typeof value === 'object' && brand in (value as object)
  } catch {
    return false
  }
}
