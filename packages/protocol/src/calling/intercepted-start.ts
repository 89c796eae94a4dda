/** A stream call to which interceptors forward. */
export interface StartedStream {
  /** Settles when the handler has started. Makes the call if nothing was read yet. */
  started(): Promise<void>
}

/** For a stream with interceptors: whether the handler has begun. */
export class InterceptedStart {
  #stream: StartedStream | undefined
  #passedOn: (() => void) | undefined

  /** The interceptors have forwarded the call, for the first time or again. */
  passedOn<Stream extends StartedStream>(stream: Stream): Stream {
    this.#stream = stream
    this.#passedOn?.()
    return stream
  }

  /**
   * Settles when the handler of a call to which the interceptors forwarded has begun. A generator forwards when it is
   * read; an interceptor may try again after a failure, or answer itself: then the first item decides.
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
