/**
 * The share of a connection by where it comes from, the default of `shareKey`: its IPv4 address, or the /64 of its IPv6
 * address, of which one customer usually has all. Undefined for the loopback, and for what has no such address: a unix
 * socket, memory, the name of a host. An IPv4 address that is mapped into IPv6 counts as what it is.
 *
 * @param remoteEndpoint as a connection shows it: `tcp://192.0.2.1:51234`, `tcp://[2001:db8::1]:51234`
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
  const [address] = text.split('%', 1) // The zone is a name of this machine's own.
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

/** As the URL Standard writes it, which knows every way to write an address; undefined for what no host can be. */
function canonicalHost(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname
  } catch {
    return undefined
  }
}

/** The eight numbers of a canonical IPv6 address, in which `::` stands for the zeros that are missing. */
function groupsOf(canonical: string): number[] {
  const numbers = (part = '') =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = canonical.split('::')
  const [head, tail] = [numbers(before), numbers(after)]
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  return [...head, ...zeros, ...tail]
}
