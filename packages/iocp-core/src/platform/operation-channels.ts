import { type Channel, channel } from 'node:diagnostics_channel'

/** What a message of an operation has beside its facts: why the operation failed. */
export interface OperationMessage {
  error?: unknown
}

/**
 * The five channels of a `TracingChannel` of Node: an APM tool subscribes by `tracingChannel(name)`. Each operation publishes `start`,
 * `end` when its synchronous part has returned, `error` if it failed, and then `asyncStart` and `asyncEnd`, all with one message object.
 *
 * The channels are held by name and not by `tracingChannel()`: its `hasSubscribers` is younger than its other members.
 */
export class OperationChannels<Message extends OperationMessage> {
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

  /** Whether anybody is subscribed. An operation asks once, before it begins, so that nobody sees the end of one without its start. */
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
   * Runs the synchronous part of an operation, in the stores that are bound to `start`. An operation may end inside `run`: its end is
   * published behind `end` all the same.
   *
   * @param run is given what publishes the end of the operation
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
