/** Where operations of one kind are published, each with a message of its own. */
export interface WatchedOperations<Message> {
  /** Whether anybody is subscribed. Asked once for each operation, before anything of it is done. */
  readonly isWatched: boolean
  /**
   * Publishes the begin of an operation and runs `run`. Must not throw by itself.
   *
   * @param run is given what publishes the end, which is called once
   */
  run<Result>(message: Message, run: (ended: (error?: unknown) => void) => Result): Result
}
