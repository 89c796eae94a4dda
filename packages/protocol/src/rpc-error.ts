import { describeValue, hasBrand, wrongRecord } from '@frameport/framing/checks'
import { isDuration } from './checks/milliseconds.ts'
import { ProtocolError } from './protocol-error.ts'
import { type RpcErrorJson, rpcErrorJson, titleOf } from './rpc-error-texts.ts'

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
  readonly data?: Data | undefined
  /** The call may have run although it failed here (the connection was cut). */
  readonly maybeExecuted?: boolean | undefined
  /** The caller should not try again earlier, in milliseconds: a number from 0 on. */
  readonly retryAfterMs?: number | undefined
  /** Whose call failed: `chat/join`. A client sets it. Never sent. */
  readonly procedure?: string | undefined
  /** Kept for logs, never sent. */
  readonly cause?: unknown
}

const brand = Symbol.for('frameport.RpcError')

const optionNames: readonly (keyof RpcErrorOptions)[] = [
  'data',
  'maybeExecuted',
  'retryAfterMs',
  'procedure',
  'cause',
]

/**
 * A failed call, on either side.
 *
 * `message` is what the callee said, to be shown to people. `stack`, `toString()` and consoles begin with
 * `RpcError: CODE: contract/procedure: message`, for those who look for the place.
 */
export class RpcError<Code extends string = string, Data = unknown> extends Error {
  // Declared only: a field would be a member of every error, in this order, on consoles, too.
  declare readonly code: Code
  /** Whose call failed, as `chat/join`, or which event was not subscribed to, on the client; undefined on an error that no client gave. */
  declare readonly procedure: string | undefined
  declare readonly data: Data | undefined
  declare readonly maybeExecuted: boolean
  /** How long a caller should wait before it tries again, in milliseconds; undefined when the callee did not say. */
  declare readonly retryAfterMs: number | undefined

  /**
   * @throws ProtocolError `INVALID_FIELD` without a code or a text, and for a member of the options that is of a wrong kind;
   *   `INVALID_OPTION` for options that are no object, or the cause itself
   */
  constructor(code: Code, message: string, options: RpcErrorOptions<Data> = {}) {
    const problem = wrongRecord(options, optionNames)
    if (problem !== undefined || options instanceof Error) throw wrongOptions(options, problem)
    const { data, maybeExecuted, retryAfterMs, procedure, cause } = options
    const { stackTraceLimit } = Error
    // The stack is found once, below. Where the intrinsics are frozen it is found here, too.
    const isLimited = Reflect.set(Error, 'stackTraceLimit', 0)
    try {
      super(message, cause === undefined ? undefined : { cause })
    } finally {
      if (isLimited) Error.stackTraceLimit = stackTraceLimit
    }
    if (typeof message !== 'string') throw wrongText(message)
    if (typeof code !== 'string') throw wrongField('the code of an RpcError', code, 'a string')
    if (retryAfterMs !== undefined && !isDuration(retryAfterMs))
      throw wrongField('retryAfterMs', retryAfterMs, 'a number of milliseconds from 0 on')
    if (procedure !== undefined && typeof procedure !== 'string')
      throw wrongField('procedure', procedure, 'a string')
    if (maybeExecuted !== undefined && typeof maybeExecuted !== 'boolean')
      throw wrongField('maybeExecuted', maybeExecuted, 'true or false')
    this.code = code
    // What is not there is no member: consoles would show it.
    if (procedure !== undefined) this.procedure = procedure
    if (data !== undefined) this.data = data
    this.maybeExecuted = maybeExecuted ?? false
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
    if (stackTraceLimit !== 0) giveStack(this, new.target)
  }

  get [brand](): true {
    return true
  }

  /** `RpcError: GONE: tasks/take: the job is gone`. */
  override toString(): string {
    return `${this.name}: ${titleOf(this)}`
  }

  /**
   * What `JSON.stringify` shows: everything but the stacks. The cause may be nothing for strangers. Data that JSON cannot carry are named.
   *
   * @param key `JSON.stringify` gives one. Without it the message begins with code and procedure, as the stack does: vitest
   *   asks so, and shows of a failed test the message and the causes only.
   */
  toJSON(key?: string): RpcErrorJson {
    return rpcErrorJson(this, key === undefined ? titleOf(this) : this.message)
  }

  /** True for an RpcError of any copy of this package. */
  static is(value: unknown): value is RpcError {
    return hasBrand(value, brand)
  }
}

const shared = { writable: true, configurable: true }
Object.defineProperties(RpcError.prototype, {
  name: { value: 'RpcError', ...shared },
  // Each error has them, so that tools find the members that an error may lack.
  procedure: { value: undefined, ...shared },
  data: { value: undefined, ...shared },
  retryAfterMs: { value: undefined, ...shared },
})

/**
 * Gives an error a stack that begins with its title. An engine writes the text of a stack when it is first read, from the
 * name and the message of the object for which it was found: here that is another one than the error.
 *
 * @param above the frames of this constructor, and above it, are left out
 */
function giveStack(error: RpcError, above: new (...args: never[]) => unknown): void {
  if (typeof Error.captureStackTrace !== 'function') return
  const shown: { readonly name: string; readonly message: string; stack?: string } = {
    name: error.name,
    message: titleOf(error),
  }
  Error.captureStackTrace(shown, above)
  Object.defineProperty(error, 'stack', {
    get: () => shown.stack,
    set(stack: unknown) {
      Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true })
    },
    configurable: true,
  })
}

/** Mostly the text stands where the code belongs. */
function wrongText(message: unknown): ProtocolError {
  const problem = `the message of an RpcError is ${describeValue(message)}, not a string`
  const cure = "give the code first, then the message, as in new RpcError('NOT_FOUND', 'the job is gone')"
  return new ProtocolError('INVALID_FIELD', `${problem}: ${cure}`)
}

function wrongField(name: string, value: unknown, expected: string): ProtocolError {
  return new ProtocolError('INVALID_FIELD', `${name} is ${describeValue(value)}, not ${expected}`)
}

/** Mostly the cause stands where it has to be named. Of an error some members would be read as options. */
function wrongOptions(
  options: unknown,
  problem = `${describeValue(options)}, not an object with options`,
): ProtocolError {
  const cure =
    options instanceof Error
      ? ": give it as the cause, as in new RpcError('NOT_FOUND', 'the job is gone', { cause: error })"
      : ''
  return new ProtocolError('INVALID_OPTION', `the options of an RpcError are ${problem}${cure}`)
}
