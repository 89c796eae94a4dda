import { isIPv6 } from 'node:net'
import type { Endpoint } from '../contract/endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'

/**
 * Reads `tcp://HOST:PORT`, `tcp://[IPV6]:PORT`, `tls://HOST:PORT`, `unix:/PATH`, `memory:NAME`, `ws://…`, and
 * checks an endpoint that is given as an object.
 *
 * @throws IocpError `INVALID_ENDPOINT`, with what is wrong and what was probably meant.
 */
export function parseEndpoint(endpoint: Endpoint | string): Endpoint {
  if (typeof endpoint !== 'string') return checked(endpoint, JSON.stringify(endpoint))
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'tcp':
    case 'tls':
      return checked({ kind: scheme, ...hostAndPort(endpoint, scheme) }, endpoint)
    case 'unix':
      return checked(
        { kind: 'unix', path: endpoint.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') },
        endpoint,
      )
    case 'memory':
      return checked({ kind: 'memory', name: endpoint.slice('memory:'.length) }, endpoint)
    case 'ws':
    case 'wss':
      return { kind: 'ws', url: endpoint }
    default:
      throw invalid(endpoint, 'it has no scheme that is known here', guess(endpoint))
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

function hostAndPort(text: string, scheme: 'tcp' | 'tls'): { host: string; port: number } {
  const rest = text.slice(scheme.length + 1)
  if (!rest.startsWith('//'))
    throw invalid(text, `'//' is missing`, `${scheme}://${rest.replace(/^\/+/, '')}`)
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

function checked(endpoint: Endpoint, shown: string): Endpoint {
  switch (endpoint.kind) {
    case 'tcp':
    case 'tls':
      if (typeof endpoint.host !== 'string' || !isHost(endpoint.host)) {
        throw invalid(shown, `'${String(endpoint.host)}' is neither an address nor a name`)
      }
      if (!Number.isInteger(endpoint.port) || endpoint.port < 0 || endpoint.port > 65_535) {
        throw invalid(shown, `the port ${String(endpoint.port)} is not a whole number from 0 to 65535`)
      }
      return endpoint
    case 'unix':
      if (typeof endpoint.path !== 'string' || endpoint.path === '')
        throw invalid(shown, 'the path is missing', 'unix:/tmp/app.sock')
      if (endpoint.path.includes('\0')) throw invalid(shown, 'the path holds a NUL')
      if (new TextEncoder().encode(endpoint.path).length > limits.unixPathBytes.max) {
        throw invalid(
          shown,
          `the path is longer than ${limits.unixPathBytes.max} bytes`,
          'a shorter path: the system would cut it',
        )
      }
      return endpoint
    case 'memory':
      if (typeof endpoint.name !== 'string' || endpoint.name === '')
        throw invalid(shown, 'the name is missing')
      return endpoint
    case 'ws':
      return endpoint
    default:
      throw invalid(shown, 'its kind is none of tcp, tls, unix, memory, ws')
  }
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

function invalid(text: string, why: string, meant?: string): IocpError {
  const detail = `Cannot use '${text}', ${why}`
  return new IocpError(
    'INVALID_ENDPOINT',
    meant === undefined ? { detail } : { detail, fix: `Perhaps you meant: ${meant}` },
  )
}
