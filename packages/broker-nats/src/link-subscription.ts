import { callReporting, reportUncaught } from '@frameport/framing/checks'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'

/** Receives the messages of a subject. Its errors are reported as uncaught, because the NATS client stops reading when a callback throws. */
export interface SubscriptionSink {
  message(message: Msg): void
  /** Called when messages may be missing before the next one. */
  missed(): void
  /** Called when the subscription is active again after an outage, so messages may be missing. Not called if `missed` was called for this outage. */
  renewed(): void
}

/** A subscription to one subject, which is renewed after outages. */
export class LinkSubscription {
  readonly #connection: NatsConnection
  readonly #subject: string
  readonly #sink: SubscriptionSink
  #subscription: Subscription
  /** The error, if the server refused the subscription of this user. */
  refused: unknown
  #isStopped = false
  /** The connection was lost, and it is not yet known from when on the server sends messages again. */
  #isRenewing = false

  constructor(connection: NatsConnection, subject: string, sink: SubscriptionSink) {
    this.#connection = connection
    this.#subject = subject
    this.#sink = sink
    this.#subscription = this.#subscribe()
  }

  /**
   * Called when the connection is back. The NATS client has subscribed again by itself, unless the server had refused
   * the subscription.
   */
  renew(): void {
    this.#isRenewing = true
    if (this.refused === undefined) return
    this.refused = undefined
    this.#subscription = this.#subscribe()
  }

  /** Called when the server has confirmed the subscription again. */
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
        // Missing messages come before this one, not after it.
        if (this.#isRenewing) this.missed()
        callReporting(() => this.#sink.message(message), reportUncaught)
      },
    })
  }
}
