import { TestingError } from './testing-error.ts'

/** Anything that can say what it still holds: clocks and pairs of this package, or an object of the test. */
export interface Quietable {
  /** One line for each thing that is left. */
  leftOvers(): readonly string[]
}

/**
 * The last line of a test: nothing is left.
 *
 * @throws TestingError `NOT_QUIET`, which lists what is.
 */
export function assertQuiet(...subjects: readonly Quietable[]): void {
  const left = subjects.flatMap((subject) => subject.leftOvers())
  if (left.length > 0) throw new TestingError('NOT_QUIET', `Left over: ${left.join('; ')}.`)
}
