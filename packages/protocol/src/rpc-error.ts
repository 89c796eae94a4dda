import { describeValue, hasBrand, wrongRecord } from '@frameport/framing/checks'
import { isDuration } from './checks/milliseconds.ts'
import { ProtocolError } from './protocol-error.ts'
import { type RpcErrorJson, rpcErrorJson, titleOf } from './rpc-error-texts.ts'

/**
 * The codes with which every call can fail. Their names are those of the gRPC status codes; contracts add their own.
 */
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

/** Options of {@link RpcError}. */
export interface RpcErrorOptions<Data = unknown> {
  /** The data of an error code that the contract declares. */
  readonly data?: Data | undefined
  /**
   * Whether the call may have run although it failed, for example because the connection was lost. Default: false.
   */
  readonly maybeExecuted?: boolean | undefined
  /** Milliseconds that the caller should wait before it tries again, from 0 on. Default: absent. */
  readonly retryAfterMs?: number | undefined
  /** The full name of the procedure that failed: `chat/join`. A client sets it. It is never sent. */
  readonly procedure?: string | undefined
  /** The error that led to it, for logs. It is never sent. */
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
 * A failed call, on either side. Handlers throw it, and clients get it.
 *
 * `message` is the text of the callee, for people. `stack`, `toString()` and consoles begin with
 * `RpcError: CODE: contract/procedure: message`.
 *
 * @example
 * throw new RpcError('NOT_FOUND', 'there is no such job')
 */
export class RpcError<Code extends string = string, Data = unknown> extends Error {
  // Declared only: a field would be a member of every error, in this order, on consoles, too.
  /** A standard code, or one that the contract declares. */
  declare readonly code: Code
  /**
   * The full name of the procedure that failed, such as `chat/join`, or of the event that was not subscribed to.
   * Undefined unless a client made the error.
   */
  declare readonly procedure: string | undefined
  /** The data that the contract declares for the code; undefined without data. */
  declare readonly data: Data | undefined
  /** Whether the call may have run although it failed. */
  declare readonly maybeExecuted: boolean
  /** Milliseconds that the caller should wait before it tries again; undefined if the callee did not say. */
  declare readonly retryAfterMs: number | undefined

  /**
   * @throws ProtocolError INVALID_FIELD if the code or the message is not a string, or an option has a wrong type;
   *   INVALID_OPTION for options that are not an object, or for an error in their place
   */
  constructor(code: Code, message: string, options: RpcErrorOptions<Data> = {}) {
    const problem = wrongRecord(options, optionNames)
    if (problem !== undefined || options instanceof Error) throw wrongOptions(options, problem)
    const { data, maybeExecuted, retryAfterMs, procedure, cause } = options
    const { stackTraceLimit } = Error
    // The stack is captured once, below. If the intrinsics are frozen it is also captured here.
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
    // A missing value does not become a member, because consoles would show it.
    if (procedure !== undefined) this.procedure = procedure
    if (data !== undefined) this.data = data
    this.maybeExecuted = maybeExecuted ?? false
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
    if (stackTraceLimit !== 0) giveStack(this, new.target)
  }

  get [brand](): true {
    return true
  }

  /** Returns `RpcError: GONE: tasks/take: the job is gone`. */
  override toString(): string {
    return `${this.name}: ${titleOf(this)}`
  }

  /**
   * Returns what `JSON.stringify` shows: everything but the stacks. It contains the cause, which may not be meant for
   * strangers. Data that JSON cannot carry are described instead.
   *
   * @param key given by `JSON.stringify`. Without it the message begins with the code and the procedure, as the stack
   *   does: vitest calls it so, and shows only the message and the causes of a failed test
   */
  toJSON(key?: string): RpcErrorJson {
    return rpcErrorJson(this, key === undefined ? titleOf(this) : this.message)
  }

  /** Returns whether a value is an RpcError of any copy of this package. */
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
 * Sets the stack of an error so that it begins with its title. An engine creates the text of a stack when it is first
 * read, from the name and the message of the object that captured it: here that is not the error.
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

/** Usually the message was passed in place of the code. */
function wrongText(message: unknown): ProtocolError {
  const problem = `the message of an RpcError is ${describeValue(message)}, not a string`
  const cure = "give the code first, then the message, as in new RpcError('NOT_FOUND', 'the job is gone')"
  return new ProtocolError('INVALID_FIELD', `${problem}: ${cure}`)
}

function wrongField(name: string, value: unknown, expected: string): ProtocolError {
  return new ProtocolError('INVALID_FIELD', `${name} is ${describeValue(value)}, not ${expected}`)
}

/** Usually the cause was passed in place of the options. Some members of an error would be read as options. */
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
