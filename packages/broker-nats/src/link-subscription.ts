import { callReporting, reportUncaught } from '@frameport/framing/checks'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'

/** Who gets the messages of a subject. What it throws is reported as an uncaught exception: the client of NATS stops reading when a callback throws. */
export interface SubscriptionSink {
  message(message: Msg): void
  /** Messages may be missing from here on. */
  missed(): void
  /** The connection was lost, and the server listens again: messages may be missing. Not called when `missed` was, for this outage. */
  renewed(): void
}

/** One subject that a connection listens to, also after outages. */
export class LinkSubscription {
  readonly #connection: NatsConnection
  readonly #subject: string
  readonly #sink: SubscriptionSink
  #subscription: Subscription
  /** Why the server does not let this user listen. */
  refused: unknown
  #isStopped = false
  /** The connection was lost, and nobody knows yet since when the server listens again. */
  #isRenewing = false

  constructor(connection: NatsConnection, subject: string, sink: SubscriptionSink) {
    this.#connection = connection
    this.#subject = subject
    this.#sink = sink
    this.#subscription = this.#subscribe()
  }

  /** The connection stands again. The client has subscribed again by itself, unless the server had refused it. */
  renew(): void {
    this.#isRenewing = true
    if (this.refused === undefined) return
    this.refused = undefined
    this.#subscription = this.#subscribe()
  }

  /** The server listens again. */
  renewed(): void {
    if (this.#isStopped || !this.#isRenewing) return
    this.#isRenewing = false
    callReporting(() => this.#sink.renewed(), reportUncaught)
  }

  missed(): void {
    if (this.#isStopped) return
    this.#isRenewing = false
    callReporting(() => this.#sink.missed(), reportUncaught)
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe()
  }

  #subscribe(): Subscription {
    return this.#connection.subscribe(this.#subject, {
      callback: (error, message) => {
        if (this.#isStopped) return
        if (error !== null && error !== undefined) {
          this.refused = error
          return
        }
        // What came between is missing before this message, and not behind it.
        if (this.#isRenewing) this.missed()
        callReporting(() => this.#sink.message(message), reportUncaught)
      },
    })
  }
}
