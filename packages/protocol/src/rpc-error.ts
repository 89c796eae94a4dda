import { describeValue, hasBrand } from '@frameport/framing/checks'
import { isDuration } from './checks/milliseconds.ts'
import { ProtocolError } from './protocol-error.ts'

/** Codes every Frameport peer knows (the names of the gRPC status codes); contracts add their own. */
export type StandardRpcCode =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED'

export interface RpcErrorOptions<Data = unknown> {
  /** Typed data of a contract's own error. */
  readonly data?: Data
  /** The call may have run although it failed here (the connection was cut). */
  readonly maybeExecuted?: boolean
  /** The caller should not try again earlier, in milliseconds: a number from 0 on. */
  readonly retryAfterMs?: number | undefined
  /** Kept for logs, never sent. */
  readonly cause?: unknown
}

const brand = Symbol.for('frameport.RpcError')

/** A failed call, on either side. */
export class RpcError<Code extends string = string, Data = unknown> extends Error {
  readonly [brand] = true
  readonly code: Code
  readonly data: Data | undefined
  readonly maybeExecuted: boolean
  /** How long a caller should wait before it tries again, in milliseconds; undefined when the callee did not say. */
  readonly retryAfterMs: number | undefined

  /** @throws ProtocolError `INVALID_FIELD` for a `retryAfterMs` that is no number of milliseconds from 0 on */
  constructor(code: Code, message: string, options: RpcErrorOptions<Data> = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    const { retryAfterMs } = options
    if (retryAfterMs !== undefined && !isDuration(retryAfterMs)) throw wrongWait(retryAfterMs)
    this.name = 'RpcError'
    this.code = code
    this.data = options.data
    this.maybeExecuted = options.maybeExecuted ?? false
    this.retryAfterMs = retryAfterMs
  }

  /** True for an RpcError of any copy of this package. */
  static is(value: unknown): value is RpcError {
    return hasBrand(value, brand)
  }
}

function wrongWait(retryAfterMs: unknown): ProtocolError {
  const problem = `retryAfterMs is ${describeValue(retryAfterMs)}, not a number of milliseconds from 0 on`
  return new ProtocolError('INVALID_FIELD', problem)
}
