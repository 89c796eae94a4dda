/** Many libraries call a duration `timeout`. The first of these names that the object accepts was meant. */
const durations = ['deadlineMs', 'defaultDeadlineMs', 'connectTimeoutMs', 'timeoutMs', 'graceMs']

/** Names that people bring from other libraries, in small letters, and those that they have here. */
const usualNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['timeout', durations],
  ['timeoutms', durations],
  ['deadline', durations],
  ['requesttimeout', durations],
  ['connecttimeout', ['connectTimeoutMs']],
  ['headers', ['metadata']],
  ['token', ['auth']],
  ['credentials', ['auth']],
  ['logger', ['log']],
])

/** The name among `known` for what other libraries call `name`, or undefined. */
export function usualName(name: string, known: readonly string[]): string | undefined {
  return usualNames.get(name.toLowerCase())?.find((here) => known.includes(here))
}
