/**
 * - `fails`: the receiver refuses values that may be sent
 * - `loses`: the receiver accepts them and drops a part
 * - `unknown`: the JSON Schemas do not show it
 */
export type Outcome = 'fails' | 'loses' | 'unknown'

/** The result for values that one side sends and the other receives with its own schema. */
export interface Finding {
  /**
   * Levels of a place, as an outline has them: members by name, quoted if they are not identifiers; `[]` for the
   * elements of an array.
   */
  readonly path: readonly string[]
  readonly outcome: Outcome
  /** For people: `is required there`. */
  readonly text: string
  /** Whether no value at all is accepted, because the schemas have none in common. */
  readonly isForAll?: boolean
}

const severities: readonly Outcome[] = ['loses', 'unknown', 'fails']

/** Returns 0 without findings, and a higher number for more severe ones. */
export function severityOf(findings: readonly Finding[]): number {
  return Math.max(0, ...findings.map(({ outcome }) => severities.indexOf(outcome) + 1))
}

/** A finding for rules that are not compared. */
export function unclear(path: readonly string[]): Finding {
  return { path, outcome: 'unknown', text: 'has rules that JSON Schema does not compare' }
}

export function fails(path: readonly string[], text: string, isForAll = false): Finding {
  return { path, outcome: 'fails', text, isForAll }
}
