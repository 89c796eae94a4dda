import { errnoToCode, type SystemOperation } from './errno-to-code.ts'
import { type IocpErrorCode, iocpErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.IocpError')

export interface IocpErrorOptions {
  /** What exactly, in this case: the address, the option, the reason. Leads the text. */
  readonly detail?: string
  /** What to do in this case, when the table's advice is too general. */
  readonly fix?: string
  /** The name of the system's error: `ECONNRESET`. */
  readonly systemCode?: string
  readonly cause?: unknown
}

/** Every error this package throws, rejects with or hands to `close`. Branch on `code`, never on the text. */
export class IocpError extends Error {
  static {
    IocpError.prototype.name = 'IocpError'
  }

  readonly code: IocpErrorCode
  /** The system's own name for it (`ECONNRESET`), where it came from the system. */
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

  /** True for an error of this class from any copy of this package. */
  static is(value: unknown): value is IocpError {
    try {
      return typeof value === 'object' && value !== null && brand in value
    } catch {
      // A proxy that throws when it is asked is none.
      return false
    }
  }

  /**
   * From the name of a system error.
   *
   * @param systemCode `ECONNREFUSED` and the like; an unknown one becomes `SYSTEM_ERROR`.
   * @param operation what was under way: ETIMEDOUT means another thing for a connect than for a receive.
   * @param detail the address or whatever tells this case from others.
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

  /** From whatever a runtime's API threw; an IocpError comes back as it is. */
  static from(error: unknown, operation: SystemOperation, detail?: string): IocpError {
    if (IocpError.is(error)) return error
    const systemCode = (error as { code?: unknown } | null | undefined)?.code
    if (typeof systemCode === 'string') return IocpError.fromErrno(systemCode, operation, detail, error)
    return new IocpError('SYSTEM_ERROR', { detail: `${operation} failed`, cause: error })
  }
}

/** What to do about a unix socket: it has neither a host nor a port, and a path whose folder may be missing. */
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
