import { TestingError } from './testing-error.ts'

/** An object that can list what it still holds: the clocks, pairs and networks of this package, or an object of your test. */
export interface Quietable {
  /** One line for each open or pending thing. Empty if nothing is left. */
  leftOvers(): readonly string[]
}

/**
 * Checks at the end of a test that nothing is left: no live timers, open streams or undelivered bytes.
 *
 * @example
 * assertQuiet(clock, pair)
 *
 * @throws TestingError `NOT_QUIET`, with a list of what is left
 */
export function assertQuiet(...subjects: readonly Quietable[]): void {
  const left = subjects.flatMap((subject) => subject.leftOvers())
  if (left.length > 0) throw new TestingError('NOT_QUIET', `Left over: ${left.join('; ')}.`)
}
