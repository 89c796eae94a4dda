import type { LookupAddress } from 'node:dns'
import dns from 'node:dns/promises'
import { syncBuiltinESMExports } from 'node:module'
import { isIPv6 } from 'node:net'
import type { ConformanceContext } from '../conformance-case.ts'

/** A name that no resolver knows (RFC 6761). */
export const severalAddresses = 'several.test'

/** Gives {@link severalAddresses} these addresses in this process, until the case is over. */
export function resolveTo(context: ConformanceContext, ...addresses: readonly string[]): void {
  const { lookup } = dns
  const found: LookupAddress[] = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  const replaced = async (host: string, options: object) =>
    host === severalAddresses ? found : lookup(host, options)
  dns.lookup = replaced as typeof lookup
  syncBuiltinESMExports()
  context.cleanUp(() => {
    dns.lookup = lookup
    syncBuiltinESMExports()
  })
}
