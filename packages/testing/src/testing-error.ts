import { hasBrand } from '@frameport/framing/checks'
import { asSentence, checking, readOnce, unknownName } from '@frameport/protocol/checks'
import { type TestingErrorCode, testingErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.TestingError')

/** An error of this package: wrong usage, or a failure that the simulated network causes. Branch on `code`: its values are stable, the text is not. */
export class TestingError extends Error {
  readonly [brand] = true
  /** The stable code. {@link testingErrorCodes} explains each one. */
  readonly code: TestingErrorCode

  constructor(code: TestingErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    const { happened, fix } = testingErrorCodes[code]
    const said = detail === undefined ? happened : `${happened} ${detail}`
    // The detail of a wrong option already says what is expected.
    const text = code === 'INVALID_OPTION' && detail !== undefined ? asSentence(detail) : `${said} ${fix}`
    super(text, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TestingError'
    this.code = code
  }

  /** Returns true if `value` is a TestingError, of any copy of this package. Use it instead of `instanceof`. */
  static is(value: unknown): value is TestingError {
    return hasBrand(value, brand)
  }
}

/**
 * Returns the result of `check`.
 *
 * @throws TestingError `INVALID_OPTION` if an option cannot be read; errors of `check`
 */
export function checked<Value>(check: () => Value): Value {
  return checking(
    check,
    (problem, options) => new TestingError('INVALID_OPTION', asSentence(problem), options),
  )
}

/**
 * Checks the names of the options and reads each one once.
 *
 * @param what the word for the options in error texts
 */
export function optionsOf<Options extends object>(
  options: Options,
  known: readonly string[],
  what = 'options',
): Options {
  return checked(() => {
    refuse(unknownName(what, options, known))
    return readOnce(options, known)
  })
}

/** @throws TestingError `INVALID_OPTION` if there is a problem with an option */
export function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new TestingError('INVALID_OPTION', asSentence(problem))
}
