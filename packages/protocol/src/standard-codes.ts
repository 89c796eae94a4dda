import type { StandardRpcCode } from './rpc-error.ts'

/** A record, so that the compiler detects a missing code. */
const standardCodes: Readonly<Record<StandardRpcCode, true>> = {
  CANCELLED: true,
  UNKNOWN: true,
  INVALID_ARGUMENT: true,
  DEADLINE_EXCEEDED: true,
  NOT_FOUND: true,
  ALREADY_EXISTS: true,
  PERMISSION_DENIED: true,
  RESOURCE_EXHAUSTED: true,
  FAILED_PRECONDITION: true,
  ABORTED: true,
  OUT_OF_RANGE: true,
  UNIMPLEMENTED: true,
  INTERNAL: true,
  UNAVAILABLE: true,
  DATA_LOSS: true,
  UNAUTHENTICATED: true,
}

/** Returns whether a code is one with which every call can fail. A contract cannot declare such a code. */
export function isStandardCode(code: string): code is StandardRpcCode {
  return Object.hasOwn(standardCodes, code)
}
