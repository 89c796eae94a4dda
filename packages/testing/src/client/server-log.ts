import { RpcError } from '@frameport/protocol'
import type { Logger } from '@frameport/server'

/** One line that a server wrote to its log. */
export interface LogEntry {
  /** The level: `debug`, `info`, `warn` or `error`. */
  readonly level: keyof Logger
  /** The facts of the line by name, such as `connection`, `call` and `err`. */
  readonly facts: Readonly<Record<string, unknown>>
  /** The text of the line. */
  readonly text: string
}

/** The reference by which a client and the log of its server name the same failure: a connection, and a call of it. */
const reference = /\bunder (c\d+)(\/\d+)?\b/

/** The log of a server under test: its lines, and the failures that no call has reported yet. */
export class ServerLog implements Logger {
  readonly entries: LogEntry[] = []
  readonly #also: Logger | undefined
  #untold: LogEntry[] = []

  /** @param also another logger that gets every line too */
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

  /** Adds the server's own error, as the `cause`, to the INTERNAL error that the client got. */
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

  /** Returns the failures that were not reported, and counts them as reported. */
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
    // An INTERNAL that the handler threw itself has the same text on both sides.
    return this.#untold.findLast(({ facts: { err } }) => RpcError.is(err) && message.includes(err.message))
  }

  /** All failures, reported or not: all calls of a client that was refused have the same reason. */
  get #failures(): readonly LogEntry[] {
    return this.entries.filter(({ level, facts }) => level === 'error' && facts.err !== undefined)
  }
}

/** The error that came from the server. A client may have wrapped it in another one. */
function innermost(error: RpcError): RpcError {
  return RpcError.is(error.cause) ? innermost(error.cause) : error
}
