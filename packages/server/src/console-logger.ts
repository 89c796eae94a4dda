import { describeValue, textOfThrown } from '@frameport/protocol/checks'
import { peerText } from '@frameport/protocol/envelope'
import { guardedLogger, type Logger, silentLogger } from './logger.ts'

/** Bounds of one line, since facts and errors may hold what a peer or a handler chose. */
const shownLimits = {
  factLengthMax: 200,
  /** Characters of a stack. One that is longer is usually an endless recursion. */
  stackLengthMax: 8_000,
  /** Causes, with the errors of an AggregateError. */
  causesMax: 4,
} as const

/** The logger for the option `log`. One of a user may throw; that of the console does not. */
export function loggerOf(given: Logger | false | undefined): Logger {
  if (given === undefined) return consoleLogger
  return given === false ? silentLogger : guardedLogger(given)
}

/** Where a server writes without a logger of its own: warnings and errors, on the console. */
const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (facts, text) => {
    // biome-ignore lint/suspicious/noConsole: no logger was given, and a warning must not be lost in silence.
    console.warn(consoleText('warn', facts, text))
  },
  error: (facts, text) => {
    // biome-ignore lint/suspicious/noConsole: no logger was given, and the client is told that the log has the reason.
    console.error(consoleText('error', facts, text))
  },
}

/**
 * One line, and for an error the stack of `facts.err` on lines of their own, which are indented: what a peer sent cannot
 * look like a line of the log. Control characters are replaced. It never throws.
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

/** Stacks do not have the code, by which documentation is searched. */
function withCode(error: object, shown: string): string {
  const { code } = error as { readonly code?: unknown }
  if (typeof code !== 'string' || shown.includes(code)) return shown
  return shown.replace(/^\w+: /, (name) => `${name}${code}: `)
}

function stackText(error: unknown): string {
  const lines: string[] = []
  const shown = new Set<unknown>()
  const add = (one: unknown, relation: string) => {
    // A cause may lead back to an error that is shown already.
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
  /** Of an AggregateError. */
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
    // A getter throws.
  }
  return { cause: undefined, errors: [] }
}
