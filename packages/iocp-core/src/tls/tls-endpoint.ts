import { describeValue } from '../arguments/describe-value.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { checkedAddress, endpointUrl, fieldsOf, hostAndPort } from '../endpoint/parse-endpoint.ts'
import { IocpError } from '../iocp-error.ts'

/** An address to listen at or to connect to with TLS. */
export interface TlsEndpoint {
  readonly kind: 'tls'
  /** An IPv4 address, an IPv6 address without brackets, or a host name. */
  readonly host: string
  /** From 0 to 65,535. 0 stands for any free port, in `listenTls` only. */
  readonly port: number
}

/** The TCP endpoint below a TLS endpoint. */
export type TcpEndpoint = Endpoint & { readonly kind: 'tcp' }

/**
 * Parses `tls://HOST:PORT` and `tls://[IPV6]:PORT`, and checks an endpoint that is given as an object.
 *
 * @returns the TCP endpoint below
 * @throws IocpError `INVALID_ENDPOINT`, which says what is wrong and what was probably meant
 */
export function parseTlsEndpoint(endpoint: TlsEndpoint | string): TcpEndpoint {
  const shown = describeValue(endpoint)
  if (typeof endpoint === 'string') {
    if (!/^tls:/i.test(endpoint)) throw notTls(shown)
    return { kind: 'tcp', ...checkedAddress(hostAndPort(endpoint, 'tls'), shown, 'tls') }
  }
  const fields = fieldsOf(endpoint)
  if (fields.kind !== 'tls') throw notTls(shown)
  return { kind: 'tcp', ...checkedAddress(fields, shown, 'tls') }
}

/** Returns the URL of a connection or listener with TLS on a TCP endpoint: `tls://[::1]:5500`. */
export function tlsUrl(endpoint: Endpoint): string {
  return endpointUrl(endpoint).replace(/^tcp:/, 'tls:')
}

/** An error of the TCP connection or listener below, whose text names the address as `tls://`, which is what the caller gave. */
export function withTlsUrls(error: unknown): unknown {
  if (!IocpError.is(error)) return error
  const { message, stack } = error
  // Read before the text changes: engines write it into the stack when the error is made, or when the stack is first read.
  const named = message.replaceAll('tcp://', 'tls://')
  error.message = named
  if (stack !== undefined) error.stack = stack.replace(message, () => named)
  return error
}

function notTls(shown: string): IocpError {
  return new IocpError('INVALID_ENDPOINT', {
    detail: `Cannot use ${shown} for TLS`,
    fix: "Write tls://HOST:PORT or tls://[IPV6]:PORT, for example 'tls://127.0.0.1:5500'.",
  })
}
