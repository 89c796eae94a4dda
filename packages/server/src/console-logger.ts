import { describeValue, textOfThrown } from '@frameport/protocol/checks'
import { peerText } from '@frameport/protocol/envelope'
import { guardedLogger, type Logger, silentLogger } from './logger.ts'

/** The limits of one line, because facts and errors may contain values of a peer or a handler. */
const shownLimits = {
  factLengthMax: 200,
  /** The length of a stack. A longer one usually comes from an endless recursion. */
  stackLengthMax: 8_000,
  /** The number of causes, including the errors of an AggregateError. */
  causesMax: 4,
} as const

/** The logger for the option `log`. A user's logger may throw; the console logger does not. */
export function loggerOf(given: Logger | false | undefined): Logger {
  if (given === undefined) return consoleLogger
  return given === false ? silentLogger : guardedLogger(given)
}

/** The logger of a server without one: writes warnings and errors to the console. */
const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (facts, text) => {
    // biome-ignore lint/suspicious/noConsole: no logger was given, and a warning must not be lost silently.
    console.warn(consoleText('warn', facts, text))
  },
  error: (facts, text) => {
    // biome-ignore lint/suspicious/noConsole: no logger was given, and the client's error refers to the log.
    console.error(consoleText('error', facts, text))
  },
}

/**
 * Returns one line and, for an error, the stack of `facts.err` on further lines, which are indented so that data of a
 * peer cannot look like a log line. Control characters are replaced. Never throws.
 */
function consoleText(
  level: 'warn' | 'error',
  facts: Readonly<Record<string, unknown>>,
  text: string,
): string {
  const { err, ...others } = facts
  const shown = Object.entries(others).map(([name, value]) => `${name}=${factText(value)}`)
  const line = [`[frameport] ${level}: ${peerText(text)}`, ...shown].join(' ')
  if (!('err' in facts)) return line
  return level === 'warn' ? `${line} err=${factText(headOf(err))}` : `${line}\n${stackText(err)}`
}

function factText(value: unknown): string {
  if (typeof value !== 'string') return peerText(describeValue(value), shownLimits.factLengthMax)
  const text = peerText(value, shownLimits.factLengthMax)
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}

/** Name, code and message of an error. */
function headOf(error: unknown): string {
  try {
    if (error instanceof Error) return withCode(error, `${error.name}: ${error.message}`)
    return typeof error === 'object' ? textOfThrown(error) : describeValue(error)
  } catch {
    return 'an error that cannot be shown'
  }
}

/** Adds the code, which stacks do not contain and which documentation is searched for. */
function withCode(error: object, shown: string): string {
  const { code } = error as { readonly code?: unknown }
  if (typeof code !== 'string' || shown.includes(code)) return shown
  return shown.replace(/^\w+: /, (name) => `${name}${code}: `)
}

function stackText(error: unknown): string {
  const lines: string[] = []
  const shown = new Set<unknown>()
  const add = (one: unknown, relation: string) => {
    // A cause may refer to an error that is already shown.
    if (shown.has(one) || shown.size > shownLimits.causesMax) return
    shown.add(one)
    const [head = '', ...frames] = stackOf(one).slice(0, shownLimits.stackLengthMax).split('\n')
    lines.push(`    ${relation}${peerText(head)}`)
    for (const frame of frames) lines.push(`    ${peerText(frame)}`)
    const { cause, errors } = reasonsOf(one)
    for (const part of errors) add(part, 'one of them: ')
    if (cause !== undefined) add(cause, 'caused by ')
  }
  add(error, '')
  return lines.join('\n')
}

function stackOf(error: unknown): string {
  try {
    if (error instanceof Error && typeof error.stack === 'string') return withCode(error, error.stack)
  } catch {
    return 'an error that cannot be shown'
  }
  return headOf(error)
}

interface Reasons {
  readonly cause: unknown
  /** The errors of an AggregateError. */
  readonly errors: readonly unknown[]
}

function reasonsOf(error: unknown): Reasons {
  try {
    if (error instanceof Error) {
      const { errors } = error as { readonly errors?: unknown }
      const all = Array.isArray(errors) ? errors.slice(0, shownLimits.causesMax) : []
      return { cause: error.cause, errors: all }
    }
  } catch {
    // A getter threw.
  }
  return { cause: undefined, errors: [] }
}
