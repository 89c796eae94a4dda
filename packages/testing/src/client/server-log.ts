import { RpcError } from '@frameport/protocol'
import type { Logger } from '@frameport/server'

/** One line that a server wrote to its log. */
export interface LogEntry {
  readonly level: keyof Logger
  readonly facts: Readonly<Record<string, unknown>>
  readonly text: string
}

/** By this a client and the log of its server name the same failure: a connection, and a call of it. */
const reference = /\bunder (c\d+)(\/\d+)?\b/

/** The log of a server under test: its lines, and what failed in the server of which no call has told the test yet. */
export class ServerLog implements Logger {
  readonly entries: LogEntry[] = []
  readonly #also: Logger | undefined
  #untold: LogEntry[] = []

  /** @param also gets every line, too */
  constructor(also: Logger | undefined) {
    this.#also = also
  }

  debug(facts: LogEntry['facts'], text: string): void {
    this.#write({ level: 'debug', facts, text })
  }

  info(facts: LogEntry['facts'], text: string): void {
    this.#write({ level: 'info', facts, text })
  }

  warn(facts: LogEntry['facts'], text: string): void {
    this.#write({ level: 'warn', facts, text })
  }

  error(facts: LogEntry['facts'], text: string): void {
    const entry: LogEntry = { level: 'error', facts, text }
    if (facts.err !== undefined) this.#untold.push(entry)
    this.#write(entry)
  }

  /** Puts the server's own error into an INTERNAL that a client got in its place, as the `cause`. */
  explain(error: unknown): void {
    if (!RpcError.is(error) || error.code !== 'INTERNAL') return
    const entry = this.#entryOf(error)
    if (entry === undefined) return
    this.#untold = this.#untold.filter((untold) => untold !== entry)
    const { err } = entry.facts
    const told = innermost(error)
    if (told.cause === undefined && told !== err)
      Object.defineProperty(told, 'cause', { value: err, configurable: true, writable: true })
  }

  /** What failed and was told to nobody. It is told now. */
  takeFailures(): readonly LogEntry[] {
    const untold = this.#untold
    this.#untold = []
    return untold
  }

  #write(entry: LogEntry): void {
    this.entries.push(entry)
    this.#also?.[entry.level](entry.facts, entry.text)
  }

  #entryOf({ message }: RpcError): LogEntry | undefined {
    const [, connection, call] = reference.exec(message) ?? []
    if (connection !== undefined) {
      const ofConnection = this.#failures.filter(({ facts }) => facts.connection === connection)
      return (
        ofConnection.findLast(({ facts }) => `/${facts.call}` === call) ??
        ofConnection.findLast(({ facts }) => facts.call === undefined)
      )
    }
    // An INTERNAL that the handler threw itself has its own text on both sides.
    return this.#untold.findLast(({ facts: { err } }) => RpcError.is(err) && message.includes(err.message))
  }

  /** Told or not: every call of a client that was refused has the same reason. */
  get #failures(): readonly LogEntry[] {
    return this.entries.filter(({ level, facts }) => level === 'error' && facts.err !== undefined)
  }
}

/** The error that came from the server: a client may have put another one around it. */
function innermost(error: RpcError): RpcError {
  return RpcError.is(error.cause) ? innermost(error.cause) : error
}
