import { AckPolicy, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream'
import { createInbox, nanos } from '@nats-io/transport-node'
import { constants } from './limits.ts'
import { NatsBrokerError } from './nats-broker-error.ts'
import type { NatsLink } from './nats-link.ts'
import { startTimer } from './timer.ts'

/** A message of a stream. */
export interface TopicMessage {
  readonly number: number
  readonly data: Uint8Array
  /** The number of later messages of the topic. */
  readonly pending: number
}

/** The result of a request, with the reason why no more messages arrived. */
interface Pulled {
  readonly messages: TopicMessage[]
  readonly status?: number | undefined
}

/** The status if the next message is longer than the request allows. */
const sizeExceeded = 409

export interface ReadFrom {
  readonly link: NatsLink
  readonly manager: JetStreamManager
  /** The stream. */
  readonly stream: string
  /** The subject of the topic. */
  readonly subject: string
}

/**
 * Reads one topic of a stream from a number on, through a consumer of JetStream, which knows the number of messages.
 */
export class TopicReader {
  /** The number of messages of the topic from the start of the reader on, when it was made. */
  readonly pending: number
  readonly #from: ReadFrom
  readonly #consumer: string

  private constructor(from: ReadFrom, consumer: string, pending: number) {
    this.#from = from
    this.#consumer = consumer
    this.pending = pending
  }

  static async open(from: ReadFrom, first: number): Promise<TopicReader> {
    const { link, manager, stream, subject } = from
    const { name, num_pending } = await link.whileConnected(
      manager.consumers.add(stream, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: Math.max(1, first),
        filter_subject: subject,
        ack_policy: AckPolicy.None,
        inactive_threshold: nanos(constants.consumerIdleMs),
        mem_storage: true,
        num_replicas: 1,
      }),
    )
    return new TopicReader(from, name, num_pending)
  }

  /** Returns the number of messages of a topic from a number on. */
  static async count(from: ReadFrom, first: number): Promise<number> {
    const reader = await TopicReader.open(from, first)
    reader.close()
    return reader.pending
  }

  /**
   * Reads the next messages, up to a number and up to a number of bytes, unless the first one is longer. Empty if the
   * counted messages were deleted in between.
   */
  async fetch(messagesMax: number, bytesMax: number): Promise<TopicMessage[]> {
    const { messages, status } = await this.#pull({ batch: messagesMax, max_bytes: bytesMax })
    if (messages.length > 0 || status !== sizeExceeded) return messages
    return (await this.#pull({ batch: 1 })).messages
  }

  /** If this request does not reach the server, the server deletes the consumer by itself. */
  close(): void {
    const { link, manager, stream } = this.#from
    if (link.state === 'connected') manager.consumers.delete(stream, this.#consumer).catch(() => undefined)
  }

  async #pull(request: { batch: number; max_bytes?: number }): Promise<Pulled> {
    const { link, stream } = this.#from
    const { requestTimeoutMs } = link.options
    link.checkConnected()
    const inbox = createInbox()
    const messages: TopicMessage[] = []
    let stop = () => {}
    const answer = new Promise<Pulled>((resolve, reject) => {
      const subscription = link.connection.subscribe(inbox, {
        callback: (error, { reply, data, headers }) => {
          if (error !== null && error !== undefined) return reject(error)
          const delivery = deliveryOf(reply)
          // A message without a position in the stream reports why no more messages follow.
          if (delivery === undefined) return resolve({ messages, status: headers?.code })
          messages.push({ ...delivery, data })
          if (messages.length >= request.batch) resolve({ messages })
        },
      })
      const stopTimer = startTimer(requestTimeoutMs, () =>
        reject(new NatsBrokerError('BROKER_SILENT', `The limit is ${requestTimeoutMs} ms.`)),
      )
      stop = () => {
        stopTimer()
        if (!subscription.isClosed()) subscription.unsubscribe()
      }
      link.connection.publish(
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.${this.#consumer}`,
        JSON.stringify({ ...request, no_wait: true, expires: nanos(constants.fetchExpiresMs) }),
        {
          reply: inbox,
        },
      )
    })
    try {
      return await link.whileConnected(answer)
    } finally {
      stop()
    }
  }
}

/**
 * The position of a message, from the subject of its acknowledgement: `$JS.ACK.<stream>.<consumer>.<delivered>.<stream
 * sequence>.<consumer sequence>.<time>.<pending>`. Later versions add a domain and an account before the stream, and a
 * token at the end (ADR 15 of nats-architecture-and-design).
 */
function deliveryOf(reply: string | undefined): { number: number; pending: number } | undefined {
  const tokens = reply?.split('.') ?? []
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return undefined
  const shift = tokens.length >= 11 ? 2 : 0
  const number = Number(tokens[5 + shift])
  const pending = Number(tokens[8 + shift])
  return Number.isSafeInteger(number) && Number.isSafeInteger(pending) ? { number, pending } : undefined
}
