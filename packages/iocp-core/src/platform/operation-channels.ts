import { type Channel, channel } from 'node:diagnostics_channel'

/** The base of the messages of {@link OperationChannels}. */
export interface OperationMessage {
  /** Why the operation failed. Absent unless it has failed. */
  error?: unknown
}

/**
 * The five channels of a `TracingChannel` of `node:diagnostics_channel`, to which an APM tool subscribes with `tracingChannel(name)`. Each operation
 * publishes `start`, `end` when its synchronous part has returned, `error` if it failed, and then `asyncStart` and `asyncEnd`, all with the same
 * message object.
 *
 * The packages above this one publish their calls with it. It uses channels by name, not `tracingChannel()`, whose `hasSubscribers` is missing in
 * older versions of Node.js.
 *
 * @example
 * ```ts
 * const channels = new OperationChannels<OperationMessage>('app.job')
 * if (channels.isWatched) channels.run({}, (ended) => runJob().then(() => ended(), ended))
 * ```
 */
export class OperationChannels<Message extends OperationMessage> {
  /** The name of the tracing channel. */
  readonly name: string
  readonly #start: Channel
  readonly #end: Channel
  readonly #asyncStart: Channel
  readonly #asyncEnd: Channel
  readonly #error: Channel

  constructor(name: string) {
    this.name = name
    this.#start = channel(`tracing:${name}:start`)
    this.#end = channel(`tracing:${name}:end`)
    this.#asyncStart = channel(`tracing:${name}:asyncStart`)
    this.#asyncEnd = channel(`tracing:${name}:asyncEnd`)
    this.#error = channel(`tracing:${name}:error`)
  }

  /** Whether there is a subscriber. Check it once, before an operation begins, so that no subscriber gets an end without its start. */
  get isWatched(): boolean {
    return (
      this.#start.hasSubscribers ||
      this.#asyncEnd.hasSubscribers ||
      this.#error.hasSubscribers ||
      this.#end.hasSubscribers ||
      this.#asyncStart.hasSubscribers
    )
  }

  /**
   * Runs the synchronous part of an operation, with the stores that are bound to the channel `start`. If the operation ends inside `run`, its end
   * is still published after `end`.
   *
   * @param run gets a function that publishes the end of the operation, with the error if it failed
   * @returns the result of `run`
   */
  run<Result>(message: Message, run: (ended: (error?: unknown) => void) => Result): Result {
    let isRunning = true
    let endedWith: { readonly error: unknown } | undefined
    const ended = (error?: unknown) => {
      if (isRunning) endedWith ??= { error }
      else this.#publishEnd(message, error)
    }
    try {
      return this.#start.runStores(message, run, undefined, ended) as Result
    } finally {
      isRunning = false
      this.#end.publish(message)
      if (endedWith !== undefined) this.#publishEnd(message, endedWith.error)
    }
  }

  #publishEnd(message: Message, error: unknown): void {
    if (error !== undefined) {
      message.error = error
      this.#error.publish(message)
    }
    this.#asyncStart.publish(message)
    this.#asyncEnd.publish(message)
  }
}
