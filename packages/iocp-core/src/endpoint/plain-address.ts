import { isIPv4 } from 'node:net'

/** Returns an IPv4 peer of a dual-stack socket as IPv4: `::ffff:10.0.0.1` becomes `10.0.0.1`. */
export function plainAddress(host: string): string {
  if (!host.startsWith('::ffff:')) return host
  const plain = host.slice('::ffff:'.length)
  return isIPv4(plain) ? plain : host
}
