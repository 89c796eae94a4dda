/**
 * Returns the scheme of an address, in lower case and without the colon: that of a URL, or the `kind` of an endpoint
 * object. Undefined for an address without one, and for a value that cannot be read.
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

/** A connection within one machine breaks with one of its ends: no side is left to resume. */
const schemesOfOneMachine: ReadonlySet<string | undefined> = new Set(['memory', 'unix', 'pipe'])

/**
 * Returns whether an address stays on this machine (`memory:`, `unix:`, `pipe:`). Such a connection breaks only when
 * one of its ends is gone.
 */
export function isOnOneMachine(address: unknown): boolean {
  return schemesOfOneMachine.has(addressScheme(address))
}

/**
 * Returns the transport that owns the scheme of an address. An address with an unknown scheme gets the first
 * transport, which reports the problem.
 */
export function transportFor<Transport extends { readonly schemes: readonly string[] }>(
  address: unknown,
  transports: readonly Transport[],
): Transport | undefined {
  const scheme = addressScheme(address)
  return transports.find(({ schemes }) => schemes.includes(scheme ?? '')) ?? transports[0]
}
