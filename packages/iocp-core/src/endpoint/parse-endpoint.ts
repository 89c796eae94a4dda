import { isIPv6 } from 'node:net'
import { describeValue } from '../arguments/describe-value.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * Reads `tcp://HOST:PORT`, `tcp://[IPV6]:PORT`, `tls://HOST:PORT`, `unix:/PATH`, `memory:NAME`, `ws://…`, and
 * checks an endpoint that is given as an object.
 *
 * @throws IocpError `INVALID_ENDPOINT`, with what is wrong and what was probably meant.
 */
export function parseEndpoint(endpoint: Endpoint | string): Endpoint {
  if (typeof endpoint !== 'string') return checked(fieldsOf(endpoint), describeValue(endpoint))
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'tcp':
    case 'tls':
      return checked({ kind: scheme, ...hostAndPort(endpoint, scheme) }, describeValue(endpoint))
    case 'unix':
      return checked(
        { kind: 'unix', path: endpoint.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') },
        describeValue(endpoint),
      )
    case 'memory':
      return checked({ kind: 'memory', name: endpoint.slice('memory:'.length) }, describeValue(endpoint))
    case 'ws':
    case 'wss':
      return { kind: 'ws', url: endpoint }
    default:
      throw invalid(describeValue(endpoint), 'it has no scheme that is known here', guess(endpoint))
  }
}

/** An endpoint as a URL, which {@link parseEndpoint} reads back: `tcp://[::1]:5500`. */
export function endpointUrl(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'tcp':
    case 'tls': {
      const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
      return `${endpoint.kind}://${host}:${endpoint.port}`
    }
    case 'unix':
      return `unix:${endpoint.path}`
    case 'memory':
      return `memory:${endpoint.name}`
    case 'ws':
      return endpoint.url
  }
}

function hostAndPort(endpoint: string, scheme: 'tcp' | 'tls'): { host: string; port: number } {
  const text = describeValue(endpoint)
  const rest = endpoint.slice(scheme.length + 1)
  if (!rest.startsWith('//'))
    throw invalid(text, `'//' is missing`, `${scheme}://${rest.replace(/^\/+/, '') || '127.0.0.1:5500'}`)
  const authority = rest.slice(2).replace(/\/$/, '')
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority)
  const plain = /^([^:/?#@[\]]*)(?::([^:/?#@]*))?$/.exec(authority)
  const found = bracketed ?? plain
  if (found === null) {
    // The last group is taken for the port: whoever writes tcp://::1:5500 means that.
    const [, bareHost = '', barePort = ''] = /^(.*[^:]):(\d+)$/.exec(authority) ?? []
    const meant = isIPv6(bareHost) ? `[${bareHost}]:${barePort}` : `[${authority}]:5500`
    if (isIPv6(bareHost) || isIPv6(authority)) {
      throw invalid(text, 'an IPv6 address stands in brackets', `${scheme}://${meant}`)
    }
    throw invalid(text, 'only a host and a port may follow the scheme')
  }
  const [, host = '', port] = found
  if (bracketed !== null && !isIPv6(host)) throw invalid(text, `'${host}' in the brackets is no IPv6 address`)
  if (host === '') throw invalid(text, 'the host is missing', `${scheme}://127.0.0.1:${port ?? 5500}`)
  if (port === undefined || port === '')
    throw invalid(text, 'the port is missing', `${scheme}://${authority.replace(/:$/, '')}:5500`)
  if (!/^\d{1,5}$/.test(port)) throw invalid(text, `'${port}' is no port`)
  return { host, port: Number(port) }
}

/** What endpoints of all kinds consist of, as somebody gave it. */
interface Fields {
  readonly kind?: unknown
  readonly host?: unknown
  readonly port?: unknown
  readonly serverName?: unknown
  readonly path?: unknown
  readonly name?: unknown
  readonly url?: unknown
  readonly href?: unknown
}

/** Each read once: a getter may say something else the next time. */
function fieldsOf(given: unknown): Fields {
  try {
    const { kind, host, port, serverName, path, name, url, href } = given as Fields
    return { kind, host, port, serverName, path, name, url, href }
  } catch (cause) {
    throw invalid(describeValue(given), 'it is no endpoint', undefined, cause)
  }
}

function checked(fields: Fields, shown: string): Endpoint {
  const { kind } = fields
  switch (kind) {
    case 'tcp':
      return { kind, ...checkedAddress(fields, shown) }
    case 'tls': {
      const { serverName } = fields
      if (serverName === undefined) return { kind, ...checkedAddress(fields, shown) }
      if (typeof serverName !== 'string') throw invalid(shown, 'its serverName is no text')
      return { kind, ...checkedAddress(fields, shown), serverName }
    }
    case 'unix':
      return { kind, path: checkedPath(fields, shown) }
    case 'memory':
      if (typeof fields.name !== 'string' || fields.name === '') throw invalid(shown, 'the name is missing')
      return { kind, name: fields.name }
    case 'ws':
      if (typeof fields.url !== 'string') throw invalid(shown, 'the url is missing')
      return { kind, url: fields.url }
    case undefined:
      throw notAnEndpoint(fields, shown)
    default:
      throw invalid(shown, 'its kind is none of tcp, tls, unix, memory, ws')
  }
}

/** Whatever has no kind: a URL object, a port number, a String object. */
function notAnEndpoint(fields: Fields, shown: string): IocpError {
  const { href } = fields
  if (typeof href === 'string') return invalid(shown, 'which is a URL object', `its href, '${href}'`)
  return invalid(shown, 'it is neither a text nor an object with a kind', guess(shown))
}

function checkedAddress({ host, port }: Fields, shown: string): { host: string; port: number } {
  if (host === undefined) throw invalid(shown, 'the host is missing')
  if (typeof host !== 'string' || !isHost(host)) {
    throw invalid(shown, `${describeValue(host)} is neither an address nor a name`)
  }
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid(shown, `the port ${describeValue(port)} is not a whole number from 0 to 65535`)
  }
  return { host, port }
}

function checkedPath({ path }: Fields, shown: string): string {
  if (path === undefined || path === '') throw invalid(shown, 'the path is missing', 'unix:/tmp/app.sock')
  if (typeof path !== 'string') throw invalid(shown, `the path ${describeValue(path)} is not a string`)
  if (path.includes('\0')) throw invalid(shown, 'the path holds a NUL')
  if (new TextEncoder().encode(path).length > limits.unixPathBytes.max) {
    throw invalid(
      shown,
      `the path is longer than ${limits.unixPathBytes.max} bytes, where the system would cut it: choose a shorter one`,
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

function invalid(shown: string, why: string, meant?: string, cause?: unknown): IocpError {
  const detail = `Cannot use ${shown}, ${why}`
  return new IocpError(
    'INVALID_ENDPOINT',
    meant === undefined ? { detail, cause } : { detail, cause, fix: `Perhaps you meant: ${meant}` },
  )
}
