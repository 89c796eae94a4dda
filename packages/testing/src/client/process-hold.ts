/*
 * The timers of a client and of a server do not keep the process alive, because their sockets do. A pair in memory has
 * no socket, so a process would end while a test awaits a deadline. An open port keeps it alive, and no test runner
 * fakes one.
 */
const { MessageChannel: Channel } = globalThis as unknown as {
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
}

interface Port {
  onmessage: (() => void) | null
  close(): void
}

/** Keeps the process alive only while something runs. */
export class ProcessHold {
  #running = 0
  #port: Port | undefined

  /** Settles like `run`. */
  async during<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#running += 1
    if (this.#running === 1) this.#open()
    try {
      return await run()
    } finally {
      this.#running -= 1
      if (this.#running === 0) this.#port?.close()
    }
  }

  #open(): void {
    const { port1 } = new Channel()
    port1.onmessage = () => undefined
    this.#port = port1
  }
}
