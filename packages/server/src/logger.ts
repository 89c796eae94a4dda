/** One line of a structured log: facts first, then a text for people. A pino logger fits as it is. */
export type LogLine = (facts: Readonly<Record<string, unknown>>, text: string) => void

/** Where a server writes. Errors are under `err`, which pino serializes with stack and cause. */
export interface Logger {
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
}

function nowhere(): void {}

export const silentLogger: Logger = { debug: nowhere, info: nowhere, warn: nowhere, error: nowhere }
