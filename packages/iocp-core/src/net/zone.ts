import { networkInterfaces } from 'node:os'
import type { SystemOperation } from '../errno-to-code.ts'
import { IocpError } from '../iocp-error.ts'

const scopeMax = 0xffff_ffff

/**
 * An address with its zone in the form that libuv reads: a number on Windows, an interface name elsewhere; libuv ignores
 * any other form (uv_ip6_addr). Here both forms work, as on the other back ends (RFC 4007, section 11.2).
 *
 * @throws IocpError `SYSTEM_ERROR` with EINVAL, as on the other back ends, if the zone is neither
 */
export function withKnownZone(host: string, operation: SystemOperation): string {
  const [address, zone] = host.split('%')
  if (zone === undefined) return host
  const interfaces = Object.entries(networkInterfaces())
  const named = interfaces.find(([name]) => name === zone)
  const number = /^\d+$/.test(zone) ? Number(zone) : 0
  if (named === undefined && (number === 0 || number > scopeMax)) {
    throw IocpError.fromErrno('EINVAL', operation, `${host}: '${zone}' is no interface`)
  }
  if (process.platform === 'win32') {
    return named === undefined ? host : `${address}%${scopeIds(named[1])[0] ?? 0}`
  }
  if (named !== undefined) return host
  // An interface without a link-local address has no number here, and no address that needs one.
  const numbered = interfaces.find(([, addresses]) => scopeIds(addresses).includes(number))
  return numbered === undefined ? host : `${address}%${numbered[0]}`
}

function scopeIds(addresses: ReturnType<typeof networkInterfaces>[string] = []): number[] {
  return addresses.flatMap((address) =>
    address.family === 'IPv6' && address.scopeid !== 0 ? [address.scopeid] : [],
  )
}
