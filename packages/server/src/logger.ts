import { callReporting, reportUncaught } from '@frameport/framing/checks'

/**
 * Writes one line of a structured log: first the facts, then a text for people. The methods of a pino logger have this
 * shape.
 */
export type LogLine = (facts: Readonly<Record<string, unknown>>, text: string) => void

/**
 * A structured logger with the four levels that Frameport uses. A pino logger is one. Errors are under the key `err`,
 * which pino serializes with stack and cause.
 */
export interface Logger {
  /** Details for debugging, such as each accepted connection. */
  readonly debug: LogLine
  /** Normal operation: listening, connected and disconnected clients, closing. */
  readonly info: LogLine
  /** A problem that a peer caused, or that the server recovers from by itself. */
  readonly warn: LogLine
  /** A failure of the program: a handler, a hook, a log, a bus. */
  readonly error: LogLine
}

function nowhere(): void {}

export const silentLogger: Logger = { debug: nowhere, info: nowhere, warn: nowhere, error: nowhere }

/**
 * Wraps a logger so that neither its errors nor its rejections reach the caller: a full disk must not end
 * connections. The error is thrown in a microtask of its own, where the platform reports it as uncaught.
 */
export function guardedLogger(log: Logger): Logger {
  const line = (level: keyof Logger) => (facts: Readonly<Record<string, unknown>>, text: string) =>
    callReporting(() => log[level](facts, text), reportUncaught)
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
