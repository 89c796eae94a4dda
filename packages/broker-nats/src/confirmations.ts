import { NatsBrokerError } from './nats-broker-error.ts'
import { startTimer } from './timer.ts'

/** What was handed to the connection between two pings: the answer to the second one confirms all of it. */
export class Batch {
  /** Resolves when the NATS server has read all of it; rejects when it did not in time, or the connection broke. */
  readonly settled: Promise<void>
  /** Like `settled`, without the time limit: false when the connection broke. */
  readonly heard: Promise<boolean>
  /** Subjects that the server has refused, with its reasons. */
  readonly refused = new Map<string, unknown>()
  bytes = 0
  #resolve!: () => void
  #reject!: (error: NatsBrokerError) => void
  #hear!: (isConfirmed: boolean) => void
  readonly #stopTimer: () => void

  constructor(timeoutMs: number) {
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Callers take their own promises of it; it may have none.
    this.settled.catch(() => undefined)
    this.heard = new Promise((resolve) => {
      this.#hear = resolve
    })
    this.#stopTimer = startTimer(timeoutMs, () =>
      this.#reject(new NatsBrokerError('BROKER_SILENT', `The limit is ${timeoutMs} ms.`)),
    )
  }

  confirm(): void {
    this.#stopTimer()
    this.#resolve()
    this.#hear(true)
  }

  fail(error: NatsBrokerError): void {
    this.#stopTimer()
    this.#reject(error)
    this.#hear(false)
  }
}

/**
 * Core NATS acknowledges nothing, but a server answers pings in the order of the connection: a PONG says that it has read all that
 * stood before its PING. One ping at a time is on its way, for all that was handed over until it left.
 */
export class Confirmations {
  readonly #ping: () => Promise<void>
  readonly #timeoutMs: number
  /** What the next ping is for. */
  #next: Batch | undefined
  /** What the ping that is on its way is for. */
  #asked: Batch | undefined
  #bytes = 0

  /** @param ping resolves with the answer to a ping that leaves behind all that was handed over before */
  constructor(ping: () => Promise<void>, timeoutMs: number) {
    this.#ping = ping
    this.#timeoutMs = timeoutMs
  }

  /** Bytes that nobody has confirmed. */
  get bytes(): number {
    return this.#bytes
  }

  /** To be called before the bytes are handed to the connection. */
  add(bytes: number): Batch {
    const batch = this.#next ?? this.#begin()
    batch.bytes += bytes
    this.#bytes += bytes
    return batch
  }

  /** The server has refused a subject. It says so before it answers the ping behind what it refused. */
  refuse(subject: string, reason: unknown): void {
    this.#asked?.refused.set(subject, reason)
    this.#next?.refused.set(subject, reason)
  }

  /** The connection broke. */
  fail(error: NatsBrokerError): void {
    const broken = [this.#asked, this.#next]
    this.#asked = undefined
    this.#next = undefined
    this.#bytes = 0
    for (const batch of broken) batch?.fail(error)
  }

  /** Settles when nothing waits any more. Never rejects. */
  async idle(): Promise<void> {
    while (this.#next !== undefined || this.#asked !== undefined) {
      await (this.#next ?? this.#asked)?.heard
    }
  }

  #begin(): Batch {
    const batch = new Batch(this.#timeoutMs)
    this.#next = batch
    // All that is handed over in this turn goes before the ping.
    if (this.#asked === undefined) queueMicrotask(() => this.#ask())
    return batch
  }

  #ask(): void {
    const batch = this.#next
    if (batch === undefined || this.#asked !== undefined) return
    this.#next = undefined
    this.#asked = batch
    this.#ping().then(
      // The client hands errors that came before the answer to its listeners some microtasks later.
      () => setImmediate(() => this.#confirm(batch)),
      (cause: unknown) => {
        if (this.#asked === batch) this.fail(new NatsBrokerError('CONNECTION_LOST', undefined, { cause }))
      },
    )
  }

  #confirm(batch: Batch): void {
    if (this.#asked !== batch) return
    this.#asked = undefined
    this.#bytes -= batch.bytes
    batch.confirm()
    this.#ask()
  }
}
