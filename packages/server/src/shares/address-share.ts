/**
 * Returns the share of a connection by its address, the default of the option `shareKey`: its IPv4 address, or the /64
 * prefix of its IPv6 address, because one customer usually has a whole /64. Undefined for the loopback, and for an
 * endpoint without an IP address: a unix socket, memory, a host name. An IPv4-mapped IPv6 address (RFC 4291, section
 * 2.5.5.2) counts as its IPv4 address.
 *
 * @example
 * ```ts
 * addressShare('tcp://192.0.2.1:51234') // '192.0.2.1'
 * addressShare('tcp://[2001:db8::1]:51234') // '2001:db8:0:0::/64'
 * ```
 *
 * @param remoteEndpoint the `remoteEndpoint` of a connection
 */
export function addressShare(remoteEndpoint: string): string | undefined {
  const [, ipv6, name] =
    /^[a-z][a-z0-9+.-]*:\/\/(?:\[([^\]]+)\]|([^[\]:/?#@]+))(?:[:/?#]|$)/i.exec(remoteEndpoint) ?? []
  if (ipv6 !== undefined) return shareOfIpv6(ipv6)
  return name === undefined ? undefined : shareOfIpv4(name)
}

function shareOfIpv4(name: string): string | undefined {
  const address = canonicalHost(name)
  if (address === undefined || !/^\d+\.\d+\.\d+\.\d+$/.test(address)) return undefined
  return address.startsWith('127.') ? undefined : address
}

function shareOfIpv6(text: string): string | undefined {
  const [address] = text.split('%', 1) // The zone is a name that only this machine knows.
  const canonical = canonicalHost(`[${address}]`)
  if (canonical === undefined) return undefined
  const groups = groupsOf(canonical.slice(1, -1))
  const [high = 0, low = 0] = groups.slice(6)
  if (groups.slice(0, 5).every((group) => group === 0)) {
    if (groups[5] === 0xffff) return shareOfIpv4([high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'))
    if (groups[5] === 0 && high === 0 && low === 1) return undefined
  }
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** Returns the address as the URL Standard writes it, which accepts every notation; undefined for an invalid host. */
function canonicalHost(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname
  } catch {
    return undefined
  }
}

/** The eight numbers of a canonical IPv6 address, in which `::` replaces zeros. */
function groupsOf(canonical: string): number[] {
  const numbers = (part = '') =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = canonical.split('::')
  const [head, tail] = [numbers(before), numbers(after)]
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  return [...head, ...zeros, ...tail]
}
