/** Publishes operations of one kind, each with its own message. */
export interface WatchedOperations<Message> {
  /** Whether there is a subscriber. Read once for each operation, before it begins. */
  readonly isWatched: boolean
  /**
   * Publishes the start of an operation and runs `run`. Must not throw by itself.
   *
   * @param run gets a function that publishes the end, to be called once
   */
  run<Result>(message: Message, run: (ended: (error?: unknown) => void) => Result): Result
}
