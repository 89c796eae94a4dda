/**
 * Returns true if `value` is an object with the brand of an error class. Unlike `instanceof`, it recognises errors of every copy of a package. It
 * never throws: a revoked Proxy, or one whose trap throws, gives false.
 *
 * @param brand the symbol that the class puts on its instances: `Symbol.for('frameport.FramingError')`
 */
export function hasBrand(value: unknown, brand: symbol): boolean {
  try {
    // `in` throws for null.
    return typeof value === 'object' && brand in (value as object)
  } catch {
    return false
  }
}
