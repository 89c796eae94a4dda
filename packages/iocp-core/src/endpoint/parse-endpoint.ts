import { isIPv6 } from 'node:net'
import { describeValue } from '../arguments/describe-value.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * Parses `tcp://HOST:PORT`, `tcp://[IPV6]:PORT` and `unix:/PATH`, and checks an endpoint that is given as an object.
 *
 * @example
 * ```ts
 * parseEndpoint('tcp://[::1]:5500') // { kind: 'tcp', host: '::1', port: 5500 }
 * ```
 *
 * @throws IocpError `INVALID_ENDPOINT`, which says what is wrong and what was probably meant
 */
export function parseEndpoint(endpoint: Endpoint | string): Endpoint {
  if (typeof endpoint !== 'string') return checked(fieldsOf(endpoint), describeValue(endpoint))
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'tcp':
      return checked({ kind: scheme, ...hostAndPort(endpoint, scheme) }, describeValue(endpoint))
    case 'unix':
      return checked(
        { kind: 'unix', path: endpoint.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') },
        describeValue(endpoint),
      )
    default:
      throw invalid(describeValue(endpoint), 'it has no known scheme', guess(endpoint))
  }
}

/** Returns an endpoint as a URL, which {@link parseEndpoint} parses again: `tcp://[::1]:5500`. */
export function endpointUrl(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  return `tcp://${host}:${endpoint.port}`
}

/**
 * Parses the host and the port behind the scheme of a URL.
 *
 * @throws IocpError `INVALID_ENDPOINT`
 */
export function hostAndPort(endpoint: string, scheme: HostScheme): Address {
  const text = describeValue(endpoint)
  const invalid = invalidFor(scheme)
  const rest = endpoint.slice(scheme.length + 1)
  if (!rest.startsWith('//'))
    throw invalid(text, `'//' is missing`, `${scheme}://${rest.replace(/^\/+/, '') || '127.0.0.1:5500'}`)
  const authority = rest.slice(2).replace(/\/$/, '')
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority)
  const plain = /^([^:/?#@[\]]*)(?::([^:/?#@]*))?$/.exec(authority)
  const found = bracketed ?? plain
  if (found === null) {
    // The last group is probably meant as the port: tcp://::1:5500.
    const [, bareHost = '', barePort = ''] = /^(.*[^:]):(\d+)$/.exec(authority) ?? []
    const meant = isIPv6(bareHost) ? `[${bareHost}]:${barePort}` : `[${authority}]:5500`
    if (isIPv6(bareHost) || isIPv6(authority)) {
      throw invalid(text, 'an IPv6 address needs brackets', `${scheme}://${meant}`)
    }
    throw invalid(text, 'only a host and a port may follow the scheme')
  }
  const [, host = '', port] = found
  if (bracketed !== null && !isIPv6(host))
    throw invalid(text, `'${host}' in the brackets is not an IPv6 address`)
  if (host === '') throw invalid(text, 'the host is missing', `${scheme}://127.0.0.1:${port ?? 5500}`)
  if (port === undefined || port === '')
    throw invalid(text, 'the port is missing', `${scheme}://${authority.replace(/:$/, '')}:5500`)
  if (!/^\d{1,5}$/.test(port)) throw invalid(text, `'${port}' is not a port`)
  return { host, port: Number(port) }
}

/** The schemes whose URLs have a host and a port. */
export type HostScheme = 'tcp' | 'tls'

interface Address {
  readonly host: string
  readonly port: number
}

/** The members of an endpoint object of any kind, as they were given. */
export interface EndpointFields {
  readonly kind?: unknown
  readonly host?: unknown
  readonly port?: unknown
  readonly path?: unknown
  readonly href?: unknown
}

/**
 * Reads each member once, because a getter may return another value the next time.
 *
 * @throws IocpError `INVALID_ENDPOINT`
 */
export function fieldsOf(given: unknown): EndpointFields {
  try {
    const { kind, host, port, path, href } = given as EndpointFields
    return { kind, host, port, path, href }
  } catch (cause) {
    throw invalid(describeValue(given), 'it is not an endpoint', undefined, cause)
  }
}

function checked(fields: EndpointFields, shown: string): Endpoint {
  const { kind } = fields
  switch (kind) {
    case 'tcp':
      return { kind, ...checkedAddress(fields, shown, kind) }
    case 'unix':
      return { kind, path: checkedPath(fields, shown) }
    case undefined:
      throw notAnEndpoint(fields, shown)
    default:
      throw invalid(shown, 'its kind is neither tcp nor unix')
  }
}

/** For a value without a kind: a URL object, a port number, a String object. */
function notAnEndpoint(fields: EndpointFields, shown: string): IocpError {
  const { href } = fields
  if (typeof href === 'string') return invalid(shown, 'it is a URL object', `its href, '${href}'`)
  return invalid(shown, 'it is neither a string nor an object with a kind', guess(shown))
}

/** @throws IocpError `INVALID_ENDPOINT` */
export function checkedAddress({ host, port }: EndpointFields, shown: string, scheme: HostScheme): Address {
  const invalid = invalidFor(scheme)
  if (host === undefined) throw invalid(shown, 'the host is missing')
  if (typeof host !== 'string' || !isHost(host)) {
    throw invalid(shown, `${describeValue(host)} is neither an IP address nor a host name`)
  }
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid(shown, `the port ${describeValue(port)} is not a whole number from 0 to 65535`)
  }
  return { host, port }
}

function checkedPath({ path }: EndpointFields, shown: string): string {
  if (path === undefined || path === '') throw invalid(shown, 'the path is missing', 'unix:/tmp/app.sock')
  if (typeof path !== 'string') throw invalid(shown, `the path ${describeValue(path)} is not a string`)
  if (path.includes('\0')) throw invalid(shown, 'the path contains a NUL')
  if (new TextEncoder().encode(path).length > limits.unixPathBytes.max) {
    throw invalid(
      shown,
      `the path is longer than ${limits.unixPathBytes.max} bytes, the limit of the system: choose a shorter one`,
    )
  }
  return path
}

/** Names of DNS (RFC 1123), with the underscore that container networks use, and addresses with a zone. */
function isHost(host: string): boolean {
  return isIPv6(host) || (host.length <= 253 && /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i.test(host))
}

function guess(text: string): string | undefined {
  if (/^\d{1,5}$/.test(text)) return `tcp://127.0.0.1:${text}`
  if (text.startsWith('/') || text.startsWith('./')) return `unix:${text}`
  const hostPort = /^(?:https?:\/\/)?([^/]+:\d+)\/?$/.exec(text)
  return hostPort === null ? undefined : `tcp://${hostPort[1]}`
}

type Invalid = (shown: string, why: string, meant?: string, cause?: unknown) => IocpError

const invalid: Invalid = (shown, why, meant, cause) => invalidEndpoint(shown, why, meant, cause)

/** The advice depends on the scheme. */
function invalidFor(scheme: HostScheme): Invalid {
  if (scheme === 'tcp') return invalid
  const fix = `Write ${scheme}://HOST:PORT or ${scheme}://[IPV6]:PORT, for example '${scheme}://127.0.0.1:5500'.`
  return (shown, why, meant, cause) => invalidEndpoint(shown, why, meant, cause, fix)
}

function invalidEndpoint(
  shown: string,
  why: string,
  meant: string | undefined,
  cause: unknown,
  fix?: string,
): IocpError {
  const detail = `Cannot use ${shown}, ${why}`
  const advice = meant === undefined ? fix : `Perhaps you meant: ${meant}`
  return new IocpError('INVALID_ENDPOINT', {
    detail,
    cause,
    ...(advice === undefined ? {} : { fix: advice }),
  })
}
