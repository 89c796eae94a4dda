/** A stream call to which interceptors forward. */
export interface StartedStream {
  /** Settles when the handler has started. Makes the call if nothing was read yet. */
  started(): Promise<void>
}

/** For a stream with interceptors: whether the handler has begun. */
export class InterceptedStart {
  #stream: StartedStream | undefined
  #passedOn: (() => void) | undefined

  /** The interceptors have gone on to a call, the first one or a further try. */
  passedOn<Stream extends StartedStream>(stream: Stream): Stream {
    this.#stream = stream
    this.#passedOn?.()
    return stream
  }

  /**
   * Settles when the handler of a call has begun to which they passed on. An interceptor that is a generator passes on when
   * it is read, one may try again after a failure, and one may answer by itself: the first item decides then.
   *
   * @param readAhead reads the first item, and keeps it for the reader
   */
  async started(readAhead: () => Promise<unknown>): Promise<void> {
    const stream = this.#stream
    if (stream !== undefined && (await hasBegun(stream))) return
    const next = new Promise<void>((resolve) => {
      this.#passedOn = resolve
    })
    await Promise.race([readAhead(), next.then(() => this.started(readAhead))])
  }
}

function hasBegun(stream: StartedStream): Promise<boolean> {
  return stream.started().then(
    () => true,
    () => false,
  )
}
