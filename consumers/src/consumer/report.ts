import type { Ended } from './place.ts'

/** What the program of a user's project prints. */
export interface Report {
  /** `Node.js 20.20.2` */
  readonly runtime?: string
  readonly backend?: string
  readonly sum?: number
  readonly items?: readonly number[]
}

/** The last line of what was printed; undefined when it is no report. */
export function reportOf(stdout: string): Report | undefined {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Report
  } catch {
    return undefined
  }
}

/** Whether the program served, called and was answered, over this back end. */
export function ranOn(backend: string, report: Report | undefined): boolean {
  return report?.backend === backend && report.sum === 42 && report.items?.join() === '1,2,3'
}

/** Tells of a failure, with everything that the command printed. Returns the number of failures: one. */
export function told(sentence: string, { code, stdout, stderr }: Ended): number {
  process.stderr.write(`${sentence}; it ended with ${code}.\n${stdout}${stderr}\n`)
  return 1
}
