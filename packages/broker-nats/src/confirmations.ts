import { NatsBrokerError } from './nats-broker-error.ts'
import { startTimer } from './timer.ts'

/** All messages sent between two pings. The answer to the second ping confirms them. */
export class Batch {
  /** Resolves when the NATS server has read all of it. Rejects if that takes too long, or if the connection broke. */
  readonly settled: Promise<void>
  /** Like `settled`, without the time limit. Resolves with false if the connection broke. */
  readonly heard: Promise<boolean>
  /** Subjects that the server refused, with its reasons. */
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
    // Callers use promises derived from it. There may be none.
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
 * Core NATS has no acknowledgements, but a server answers pings in the order of the connection: a PONG confirms that it has read everything before
 * the PING. One ping at a time is under way, for all messages sent before it.
 */
export class Confirmations {
  readonly #ping: () => Promise<void>
  readonly #timeoutMs: number
  /** The batch that the next ping will confirm. */
  #next: Batch | undefined
  /** The batch that the ping under way will confirm. */
  #asked: Batch | undefined
  #bytes = 0

  /** @param ping sends a ping after all earlier messages, and resolves with the answer */
  constructor(ping: () => Promise<void>, timeoutMs: number) {
    this.#ping = ping
    this.#timeoutMs = timeoutMs
  }

  /** The number of bytes that are not confirmed. */
  get bytes(): number {
    return this.#bytes
  }

  /** Counts bytes. Call it before the bytes are sent. */
  add(bytes: number): Batch {
    const batch = this.#next ?? this.#begin()
    batch.bytes += bytes
    this.#bytes += bytes
    return batch
  }

  /** Records that the server refused a subject. The refusal arrives before the answer to the next ping. */
  refuse(subject: string, reason: unknown): void {
    this.#asked?.refused.set(subject, reason)
    this.#next?.refused.set(subject, reason)
  }

  /** Called when the connection broke. */
  fail(error: NatsBrokerError): void {
    const broken = [this.#asked, this.#next]
    this.#asked = undefined
    this.#next = undefined
    this.#bytes = 0
    for (const batch of broken) batch?.fail(error)
  }

  /** Resolves when everything is confirmed. Never rejects. */
  async idle(): Promise<void> {
    while (this.#next !== undefined || this.#asked !== undefined) {
      await (this.#next ?? this.#asked)?.heard
    }
  }

  #begin(): Batch {
    const batch = new Batch(this.#timeoutMs)
    this.#next = batch
    // All messages of this turn leave before the ping.
    if (this.#asked === undefined) queueMicrotask(() => this.#ask())
    return batch
  }

  #ask(): void {
    const batch = this.#next
    if (batch === undefined || this.#asked !== undefined) return
    this.#next = undefined
    this.#asked = batch
    this.#ping().then(
      // The client reports errors that arrived before the answer some microtasks later.
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
