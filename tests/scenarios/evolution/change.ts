import type { event, Procedure } from '@frameport/protocol'

/** One state of a contract with a procedure `p` or an event `e`, and what each side of that state does. */
export interface State {
  /** Absent: the contract has none. */
  readonly p?: Procedure
  readonly e?: ReturnType<typeof event>
  /** What a client of this state calls with: its input, or the one item of its upload. */
  readonly give?: unknown
  /** What a handler of this state answers; an error's code and data as `fail`. */
  readonly answer?: unknown
  readonly fail?: readonly [code: string, data: unknown]
}

export interface Change {
  /** The first column of docs/evolution.md. */
  readonly change: string
  readonly before: State
  readonly after: State
  readonly oldClient: Meeting
  readonly newClient: Meeting
  readonly advice: string
}

/** What one client and one server of the two states come to. */
export interface Meeting {
  /** `loses`: it works, and something is dropped on the way, or arrives without its type. */
  readonly outcome: 'passes' | 'loses' | 'fails'
  /** Of the error that the client gets. */
  readonly code?: string
  readonly handlerGot?: unknown
  readonly clientGot?: unknown
}

/** What a client says of a server of the other state. */
export interface Said {
  /** `input.nick loses`, or `works` without a place for a procedure or event as a whole. */
  readonly differences: readonly string[]
  /** The text of the failure, if there was one. */
  readonly text?: string
}
