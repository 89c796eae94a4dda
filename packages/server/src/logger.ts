import { callReporting, reportUncaught } from '@frameport/framing/checks'

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

/**
 * The same logger, and nothing of what it throws or rejects with comes out: a full disk under the log must not end
 * connections. The error is thrown in a microtask of its own, where the platform reports it as uncaught.
 */
export function guardedLogger(log: Logger): Logger {
  const line = (level: keyof Logger) => (facts: Readonly<Record<string, unknown>>, text: string) =>
    callReporting(() => log[level](facts, text), reportUncaught)
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
