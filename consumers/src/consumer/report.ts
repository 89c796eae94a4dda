import type { Ended } from './place.ts'

/** The output of the program of a user's project. */
export interface Report {
  /** `Node.js 20.20.2` */
  readonly runtime?: string
  readonly backend?: string
  readonly sum?: number
  readonly items?: readonly number[]
}

/** Parses the last line of the output; undefined if it is not a report. */
export function reportOf(stdout: string): Report | undefined {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Report
  } catch {
    return undefined
  }
}

/** Whether the program served a call and got its answer, over this back end. */
export function ranOn(backend: string, report: Report | undefined): boolean {
  return report?.backend === backend && report.sum === 42 && report.items?.join() === '1,2,3'
}

/** Reports a failure, with all output of the command. Returns the number of failures: one. */
export function told(sentence: string, { code, stdout, stderr }: Ended): number {
  process.stderr.write(`${sentence}; it ended with ${code}.\n${stdout}${stderr}\n`)
  return 1
}
