import { readFileSync } from 'node:fs'
import type { PartName } from './parts.ts'

interface Place {
  readonly line: number
  readonly column: number
}

/** What is read of a report of Stryker. */
interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly mutants: readonly {
          readonly status: string
          readonly location: { start: Place; end: Place }
        }[]
      }
    >
  >
}

/**
 * Where mutants are that the last run of a part left, as Stryker's option `mutate` takes it. Places count from 1 in a
 * report; in the option lines do, and columns count from 0.
 *
 * @throws an Error of `readFileSync` when the part has not been run
 */
export function survivorsOf(part: PartName): readonly string[] {
  const report = JSON.parse(readFileSync(`mutation/reports/${part}/mutation.json`, 'utf8')) as Report
  const places = new Set<string>()
  for (const [file, { mutants }] of Object.entries(report.files)) {
    for (const { status, location } of mutants) {
      if (status !== 'Survived' && status !== 'NoCoverage') continue
      const { start, end } = location
      places.add(`${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`)
    }
  }
  return [...places]
}
