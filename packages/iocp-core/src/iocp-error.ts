import { errnoToCode, type SystemOperation } from './errno-to-code.ts'
import { type IocpErrorCode, iocpErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.IocpError')

/** Details of an {@link IocpError}. */
export interface IocpErrorOptions {
  /** What exactly happened: the address, the option, the reason. It begins the message. */
  readonly detail?: string
  /** What to do, if the advice in the table is too general. */
  readonly fix?: string
  /** The name of the system error: `ECONNRESET`. */
  readonly systemCode?: string
  /** The error that led to this one. */
  readonly cause?: unknown
}

/**
 * The class of every error that this package throws, rejects with or passes to `close`. Branch on `code`, never on the message.
 *
 * @example
 * ```ts
 * const connection = await port.connect(url).catch((error) => {
 *   if (IocpError.is(error) && error.code === 'CONNECTION_REFUSED') return undefined
 *   throw error
 * })
 * ```
 */
export class IocpError extends Error {
  static {
    IocpError.prototype.name = 'IocpError'
  }

  /** The stable code. `iocpErrorCodes` explains each one. */
  readonly code: IocpErrorCode
  /** The name of the system error (`ECONNRESET`, errno(3)), if the error came from the system. */
  readonly systemCode: string | undefined
  readonly [brand] = true

  constructor(code: IocpErrorCode, options: IocpErrorOptions = {}) {
    const entry = iocpErrorCodes[code]
    const happened = options.detail === undefined ? entry.happened : `${options.detail}: ${entry.happened}`
    super(
      `${happened} ${options.fix ?? entry.fix}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.systemCode = options.systemCode
  }

  /** Returns true for an error of this class from any copy of this package. */
  static is(value: unknown): value is IocpError {
    try {
      return typeof value === 'object' && value !== null && brand in value
    } catch {
      // A proxy that throws is not an error of this class.
      return false
    }
  }

  /**
   * Makes an error from the name of a system error.
   *
   * @param systemCode such as `ECONNREFUSED`. The code of an unknown name is `SYSTEM_ERROR`
   * @param operation the operation that failed: ETIMEDOUT of a connect has another meaning than that of a receive
   * @param detail the address, or other details of this case
   */
  static fromErrno(
    systemCode: string,
    operation: SystemOperation,
    detail?: string,
    cause?: unknown,
  ): IocpError {
    const code = errnoToCode(systemCode, operation)
    const what = `${operation}${detail === undefined ? '' : ` ${detail}`} (${systemCode})`
    const fix = detail?.startsWith('unix:') === true ? fixOfPath(systemCode, operation) : undefined
    return new IocpError(code, { detail: what, systemCode, cause, ...(fix === undefined ? {} : { fix }) })
  }

  /** Makes an error from anything that an API of the runtime threw. An IocpError is returned unchanged. */
  static from(error: unknown, operation: SystemOperation, detail?: string): IocpError {
    if (IocpError.is(error)) return error
    const systemCode = (error as { code?: unknown } | null | undefined)?.code
    if (typeof systemCode === 'string') return IocpError.fromErrno(systemCode, operation, detail, error)
    return new IocpError('SYSTEM_ERROR', { detail: `${operation} failed`, cause: error })
  }
}

/** The advice for a unix socket, which has no host and no port, but a path whose folder may be missing. */
function fixOfPath(systemCode: string, operation: SystemOperation): string | undefined {
  if (operation === 'listen') {
    if (systemCode === 'ENOENT') return 'The folder of the path is missing: create it, or correct the path.'
    if (systemCode === 'ENOTDIR') return 'A part of the path is a file, not a folder: correct the path.'
    return undefined
  }
  switch (systemCode) {
    case 'ENOENT':
      return 'The path does not exist: start the server, or correct the path. Its folder may be missing.'
    case 'ENOTDIR':
      return 'A part of the path is a file, not a folder: correct the path.'
    case 'ENOTSOCK':
      return 'The path is not a socket: correct it.'
    case 'ECONNREFUSED':
      return 'Start the server, or check the path.'
    default:
      return undefined
  }
}
