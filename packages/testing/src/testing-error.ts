import { hasBrand } from '@frameport/framing/checks'
import { asSentence, checking, readOnce, unknownName } from '@frameport/protocol/checks'
import { type TestingErrorCode, testingErrorCodes } from './error-codes.ts'

const brand = Symbol.for('frameport.TestingError')

/** An error of this package: a wrong use, or what the simulated network does to a stream. */
export class TestingError extends Error {
  readonly [brand] = true
  readonly code: TestingErrorCode

  constructor(code: TestingErrorCode, detail?: string, options: { readonly cause?: unknown } = {}) {
    const { happened, fix } = testingErrorCodes[code]
    const said = detail === undefined ? happened : `${happened} ${detail}`
    // The detail of a wrong option says what is wrong and what is expected.
    const text = code === 'INVALID_OPTION' && detail !== undefined ? asSentence(detail) : `${said} ${fix}`
    super(text, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TestingError'
    this.code = code
  }

  /** True for a TestingError of any copy of this package. */
  static is(value: unknown): value is TestingError {
    return hasBrand(value, brand)
  }
}

/**
 * What `check` returns.
 *
 * @throws TestingError `INVALID_OPTION` for what cannot be read, and what `check` throws
 */
export function checked<Value>(check: () => Value): Value {
  return checking(
    check,
    (problem, options) => new TestingError('INVALID_OPTION', asSentence(problem), options),
  )
}

/**
 * The options, each read once.
 *
 * @param what the word for them in texts
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

/** @throws TestingError `INVALID_OPTION` when there is a problem with an option */
export function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new TestingError('INVALID_OPTION', asSentence(problem))
}
