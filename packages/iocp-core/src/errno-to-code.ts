import type { IocpErrorCode } from './error-codes.ts'

/** The operation that the system refused. */
export type SystemOperation = 'listen' | 'accept' | 'connect' | 'receive' | 'send' | 'shutdown' | 'resolve'

const codes: Readonly<Record<string, IocpErrorCode>> = {
  EADDRINUSE: 'ADDRESS_IN_USE',
  EADDRNOTAVAIL: 'ADDRESS_UNAVAILABLE',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  ECONNREFUSED: 'CONNECTION_REFUSED',
  ECONNRESET: 'CONNECTION_RESET',
  EPIPE: 'CONNECTION_RESET',
  ECONNABORTED: 'CONNECTION_ABORTED',
  ETIMEDOUT: 'CONNECTION_TIMED_OUT',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  EAFNOSUPPORT: 'ENDPOINT_UNSUPPORTED',
  EMFILE: 'TOO_MANY_FILES',
  ENFILE: 'TOO_MANY_FILES',
  ENOBUFS: 'OUT_OF_MEMORY',
  ENOMEM: 'OUT_OF_MEMORY',
  ENOTFOUND: 'HOST_NOT_FOUND',
  EAI_AGAIN: 'HOST_NOT_FOUND',
  EAI_FAIL: 'HOST_NOT_FOUND',
  EAI_NODATA: 'HOST_NOT_FOUND',
  EAI_NONAME: 'HOST_NOT_FOUND',
}

/** The code of this package for the name of a system error (errno(3), getaddrinfo(3)). */
export function errnoToCode(systemCode: string, operation: SystemOperation): IocpErrorCode {
  // For a listener, the system can lack only a requested option.
  if (operation === 'listen' && systemCode === 'EOPNOTSUPP') return 'OPTION_UNSUPPORTED'
  if (operation === 'connect') {
    if (systemCode === 'ETIMEDOUT') return 'CONNECT_TIMEOUT'
    // A unix socket whose path is missing or is not a socket corresponds to a port without a listener.
    if (systemCode === 'ENOENT' || systemCode === 'ENOTDIR' || systemCode === 'ENOTSOCK')
      return 'CONNECTION_REFUSED'
  }
  return codes[systemCode] ?? 'SYSTEM_ERROR'
}
