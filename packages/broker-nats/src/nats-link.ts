import { callReporting, reportUncaught } from '@frameport/framing/checks'
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node'
import { connect, errors } from '@nats-io/transport-node'
import type { CheckedBrokerOptions } from './check-options.ts'
import { type Batch, Confirmations } from './confirmations.ts'
import { constants } from './limits.ts'
import { LinkSubscription, type SubscriptionSink } from './link-subscription.ts'
import { NatsBrokerError } from './nats-broker-error.ts'
import type { NatsBrokerState } from './options.ts'
import { startTimer } from './timer.ts'

/** The number of unanswered pings after which the NATS client gives up the connection. */
const maxPingOut = 2

/** Called once all topics are subscribed again after an outage. */
type BackListener = () => void

/**
 * One connection to NATS for bus and logs. It reports at once that the broker is away, holds a bounded number of bytes,
 * confirms publications, and subscribes again after an outage.
 */
export class NatsLink {
  readonly options: CheckedBrokerOptions
  /**
   * The NATS client. Other classes must pass their requests to it through `whileConnected`, so that they end with the
   * connection.
   */
  readonly connection: NatsConnection
  readonly #confirmations: Confirmations
  readonly #subscriptions = new Set<LinkSubscription>()
  readonly #backListeners = new Set<BackListener>()
  /** Functions that reject the pending requests. */
  readonly #waiting = new Set<(error: NatsBrokerError) => void>()
  #state: NatsBrokerState = 'connected'
  #closing: Promise<void> | undefined

  private constructor(connection: NatsConnection, options: CheckedBrokerOptions) {
    this.connection = connection
    this.options = options
    this.#confirmations = new Confirmations(() => connection.flush(), options.requestTimeoutMs)
    this.#watch().catch(reportUncaught)
  }

  /** @throws NatsBrokerError `CONNECT_FAILED`, `INVALID_OPTION` for options that the NATS client rejects */
  static async connect(options: CheckedBrokerOptions): Promise<NatsLink> {
    const { servers, connectTimeoutMs, pingIntervalMs, reconnectDelayMs } = options
    try {
      const connection = await connect({
        ...(servers.some((server) => server.startsWith('tls:')) ? { tls: {} } : {}),
        ...options.connection,
        servers: [...servers],
        noEcho: true,
        timeout: connectTimeoutMs,
        pingInterval: pingIntervalMs,
        maxPingOut,
        maxReconnectAttempts: -1,
        reconnectDelayHandler: () =>
          reconnectDelayMs + Math.floor(Math.random() * (1 + reconnectDelayMs / 5)),
        ignoreAuthErrorAbort: true,
      })
      return new NatsLink(connection, options)
    } catch (cause) {
      if (cause instanceof errors.InvalidArgumentError) {
        throw new NatsBrokerError('INVALID_OPTION', `connection: ${cause.message}`, { cause })
      }
      throw new NatsBrokerError('CONNECT_FAILED', `The addresses are ${servers.join(', ')}.`, { cause })
    }
  }

  get state(): NatsBrokerState {
    return this.#state
  }

  /** The longest message that the NATS server accepts. */
  get payloadBytesMax(): number {
    return this.connection.info?.max_payload ?? Number.POSITIVE_INFINITY
  }

  /**
   * Sends a message. The batch is confirmed when the server has read it.
   *
   * @throws NatsBrokerError `BROKER_AWAY`, `CLOSED`, `TOO_MUCH_WAITING`, `EVENT_TOO_LONG`: nothing was sent
   */
  publish(subject: string, message: Uint8Array): Batch {
    const batch = this.#take(message.length)
    this.connection.publish(subject, message)
    return batch
  }

  /**
   * Sends a message, and waits for the answer.
   *
   * @throws NatsBrokerError as `publish`, and `CONNECTION_LOST`, `BROKER_SILENT`, `NOT_ALLOWED`: the server may have
   * accepted it
   */
  request(subject: string, message: Uint8Array, headers: MsgHdrs, headerBytes: number): Promise<Msg> {
    const { requestTimeoutMs } = this.options
    const batch = this.#take(message.length + headerBytes)
    const answer = this.connection.request(subject, message, { headers, timeout: requestTimeoutMs })
    return this.whileConnected(
      new Promise((resolve, reject) => {
        answer.then(resolve, reject)
        batch.settled.then(
          () => batch.refused.has(subject) && reject(notAllowed(batch.refused.get(subject))),
          () => undefined,
        )
      }),
    )
  }

  /** Rejects as soon as the connection breaks: the NATS client would let pending requests run into their timeouts. */
  whileConnected<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      answer.then(
        (value) => {
          this.#waiting.delete(reject)
          resolve(value)
        },
        (error: unknown) => {
          this.#waiting.delete(reject)
          reject(this.#explained(error))
        },
      )
    })
  }

  /** Rejects when work with several requests takes longer than one request may. The work continues until its own requests end. */
  async inTime<Result>(work: Promise<Result>): Promise<Result> {
    const { requestTimeoutMs } = this.options
    let stopTimer = () => {}
    const late = new Promise<never>((_, reject) => {
      stopTimer = startTimer(requestTimeoutMs, () =>
        reject(new NatsBrokerError('BROKER_SILENT', `The limit is ${requestTimeoutMs} ms.`)),
      )
    })
    try {
      return await Promise.race([work, late])
    } finally {
      stopTimer()
    }
  }

  /** @throws NatsBrokerError `CLOSED` */
  subscribe(subject: string, sink: SubscriptionSink): LinkSubscription {
    if (this.#state === 'closed') throw new NatsBrokerError('CLOSED')
    const subscription = new LinkSubscription(this.connection, subject, sink)
    this.#subscriptions.add(subscription)
    return subscription
  }

  /** Settles as documented for `BusMember.listen`: when the server has subscribed it. */
  async listening(subscription: LinkSubscription): Promise<void> {
    const batch = this.#take(0)
    try {
      await batch.settled
    } catch (error) {
      // A server that was too slow still subscribes later, at an unknown time. If the connection broke, its return is
      // reported.
      batch.heard.then((isConfirmed) => isConfirmed && subscription.missed(), reportUncaught)
      throw error
    }
    if (subscription.refused !== undefined) throw notAllowed(subscription.refused)
  }

  unsubscribe(subscription: LinkSubscription): void {
    this.#subscriptions.delete(subscription)
    subscription.stop()
  }

  /** Settles when nothing waits for the server any longer. */
  drained(): Promise<void> {
    return this.#confirmations.idle()
  }

  onBack(listener: BackListener): () => void {
    this.#backListeners.add(listener)
    return () => this.#backListeners.delete(listener)
  }

  /** @throws NatsBrokerError `BROKER_AWAY`, `CLOSED` */
  checkConnected(): void {
    if (this.#state === 'away') throw new NatsBrokerError('BROKER_AWAY')
    if (this.#state === 'closed') throw new NatsBrokerError('CLOSED')
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    let stopTimer: () => void = () => undefined
    const graceIsOver = new Promise<void>((resolve) => {
      stopTimer = startTimer(constants.closeGraceMs, resolve)
    })
    await Promise.race([this.drained(), graceIsOver])
    stopTimer()
    for (const subscription of this.#subscriptions) this.unsubscribe(subscription)
    this.#enter('closed', new NatsBrokerError('CLOSED'))
    await this.connection.close()
  }

  #take(bytes: number): Batch {
    this.checkConnected()
    const { waitingBytesMax } = this.options.limits
    if (bytes > this.payloadBytesMax) {
      throw new NatsBrokerError(
        'EVENT_TOO_LONG',
        `It has ${bytes} bytes with its topic, and the limit is ${this.payloadBytesMax}`,
      )
    }
    const waiting = this.#confirmations.bytes
    // A message that is longer than the limit is sent alone.
    if (waiting > 0 && waiting + bytes > waitingBytesMax && bytes > 0) {
      throw new NatsBrokerError(
        'TOO_MUCH_WAITING',
        `${waiting} bytes are waiting, and limits.waitingBytesMax is ${waitingBytesMax}`,
      )
    }
    return this.#confirmations.add(bytes)
  }

  #explained(error: unknown): unknown {
    if (error instanceof errors.TimeoutError) {
      return new NatsBrokerError('BROKER_SILENT', `The limit is ${this.options.requestTimeoutMs} ms.`, {
        cause: error,
      })
    }
    if (error instanceof errors.ClosedConnectionError) {
      return new NatsBrokerError(this.#state === 'closed' ? 'CLOSED' : 'CONNECTION_LOST', undefined, {
        cause: error,
      })
    }
    if (error instanceof errors.PermissionViolationError) return notAllowed(error)
    return error
  }

  /** Reads the NATS client's reports about the connection. */
  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.#enter('away', new NatsBrokerError('CONNECTION_LOST'))
      if (status.type === 'reconnect') this.#return()
      if (status.type === 'staleConnection') this.#abandon()
      if (status.type === 'error' && status.error instanceof errors.PermissionViolationError) {
        this.#confirmations.refuse(status.error.subject, status.error)
      }
    }
    this.#enter('closed', new NatsBrokerError('CLOSED'))
  }

  #enter(state: NatsBrokerState, error: NatsBrokerError): void {
    if (this.#state === state || this.#state === 'closed') return
    this.#state = state
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const reject of waiting) reject(error)
    this.#confirmations.fail(error)
    this.#tell(state)
  }

  /** A failed attempt reports another loss, and each loss a return. Only the first return after a loss counts. */
  #return(): void {
    if (this.#state !== 'away') return
    this.#state = 'connected'
    for (const subscription of this.#subscriptions) subscription.renew()
    this.#confirmations.add(0).heard.then((isConfirmed) => {
      if (!isConfirmed) return
      this.#tell('connected')
      for (const listener of this.#backListeners) listener()
      for (const subscription of this.#subscriptions) subscription.renewed()
    }, reportUncaught)
  }

  /**
   * Called when two pings were not answered. The client would wait until the socket has accepted the written bytes,
   * which never happens if the other end hangs. So the connection is destroyed with an error, for which the client does
   * not wait.
   */
  #abandon(): void {
    const { protocol } = this.connection as NatsConnection & {
      readonly protocol?: { readonly transport?: { close?(error: Error): Promise<void> } }
    }
    protocol?.transport?.close?.(new Error('The NATS server did not answer two pings')).catch(() => undefined)
  }

  #tell(state: NatsBrokerState): void {
    const { onStateChange } = this.options
    if (onStateChange !== undefined) callReporting(() => onStateChange(state), reportUncaught)
  }
}

export function notAllowed(cause: unknown): NatsBrokerError {
  return new NatsBrokerError('NOT_ALLOWED', undefined, { cause })
}
