/**
 * The scheme of an address, in lower case and without the colon: of a URL, or the `kind` of an endpoint object. Undefined
 * for what has none, or cannot be looked at.
 */
export function addressScheme(address: unknown): string | undefined {
  if (typeof address === 'string') return /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase()
  try {
    const { kind } = address as { readonly kind?: unknown }
    return typeof kind === 'string' ? kind : undefined
  } catch {
    return undefined
  }
}

/** What does not leave the machine breaks with one of its ends: there would be nobody to come back, or to come back to. */
const schemesOfOneMachine: ReadonlySet<string | undefined> = new Set(['memory', 'unix', 'pipe'])

/** Whether an address stays on the machine. */
export function isOnOneMachine(address: unknown): boolean {
  return schemesOfOneMachine.has(addressScheme(address))
}

/**
 * The transport that owns the scheme of an address. One with another scheme gets the first, which says what is wrong
 * with it and what was probably meant.
 */
export function transportFor<Transport extends { readonly schemes: readonly string[] }>(
  address: unknown,
  transports: readonly Transport[],
): Transport | undefined {
  const scheme = addressScheme(address)
  return transports.find(({ schemes }) => schemes.includes(scheme ?? '')) ?? transports[0]
}
