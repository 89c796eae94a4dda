import type { event, Procedure } from '@frameport/protocol'

/** One state of a contract with a procedure `p` or an event `e`, and the behaviour of both sides in that state. */
export interface State {
  /** Absent: the contract has none. */
  readonly p?: Procedure
  readonly e?: ReturnType<typeof event>
  /** The input of a client in this state, or the single item of its upload. */
  readonly give?: unknown
  /** The answer of a handler in this state, or the code and data of an error as `fail`. */
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

/** The result of a client in one state and a server in the other. */
export interface Meeting {
  /** `loses`: the call works, but something is dropped, or arrives without its type. */
  readonly outcome: 'passes' | 'loses' | 'fails'
  /** The code of the error that the client receives. */
  readonly code?: string
  readonly handlerGot?: unknown
  readonly clientGot?: unknown
}

/** What a client reports about a server in the other state. */
export interface Said {
  /** `input.nick loses`, or `works` without a place for a whole procedure or event. */
  readonly differences: readonly string[]
  /** The text of the failure, if there was one. */
  readonly text?: string
}
