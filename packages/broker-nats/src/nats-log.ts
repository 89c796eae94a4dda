import { isSameLog } from '@frameport/protocol/envelope'
import type {
  EventHistory,
  EventToLog,
  HistoryQuery,
  HistoryReading,
  LogFollower,
  LogFollowing,
  LoggedTopic,
  LogPlace,
  LogQuery,
  LogReading,
} from '@frameport/server'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { headers, type Msg, type MsgHdrs, RequestError } from '@nats-io/transport-node'
import type { CheckedLog } from './check-options.ts'
import { Following } from './following.ts'
import { constants } from './limits.ts'
import {
  explainedLogError,
  isStreamGone,
  type LogPlaces,
  type LogStream,
  logPlaces,
  messageHeaders,
  openStream,
} from './log-stream.ts'
import { NatsBrokerError } from './nats-broker-error.ts'
import type { NatsLink } from './nats-link.ts'
import { pageAfter, pageBefore } from './read-pages.ts'
import { encodeRecord } from './record.ts'
import { logIdOf, messageId, topicToken } from './subjects.ts'
import type { ReadFrom } from './topic-reader.ts'
import { Turns } from './turns.ts'

/** The errors of JetStream for a stream that is not the expected one. */
const otherStream = 10060

interface Acknowledgement {
  readonly stream?: string
  readonly seq?: number
  readonly duplicate?: boolean
  readonly error?: { readonly err_code?: number; readonly description?: string }
}

/** A log in a stream of JetStream. Its numbers are those of the stream. */
export class NatsLog implements EventHistory {
  readonly #link: NatsLink
  readonly #manager: JetStreamManager
  readonly #places: LogPlaces
  readonly #options: CheckedLog
  readonly #readings: Turns
  readonly #following = new Set<Following>()
  #stream: LogStream
  /** The highest known number of the stream. */
  #known: number
  #opening: Promise<void> | undefined
  #isLost = false

  private constructor(
    link: NatsLink,
    manager: JetStreamManager,
    places: LogPlaces,
    options: CheckedLog,
    stream: LogStream,
  ) {
    this.#link = link
    this.#manager = manager
    this.#places = places
    this.#options = options
    this.#stream = stream
    this.#known = stream.last
    this.#readings = new Turns(link.options.limits.readingsMax, link.options.requestTimeoutMs)
    // The server may have come back without the stream.
    link.onBack(() => void this.#open().catch(() => undefined))
  }

  /** @throws NatsBrokerError `JETSTREAM_OFF`, `LOG_REFUSED`, and the errors of a broker that is away */
  static async open(link: NatsLink, options: CheckedLog): Promise<NatsLog> {
    link.checkConnected()
    const places = logPlaces(link.options.prefix, options.name)
    const manager = await jetstreamManager(link.connection, {
      checkAPI: false,
      timeout: link.options.requestTimeoutMs,
    })
    const stream = await link.whileConnected(openStream(manager, places, options))
    return new NatsLog(link, manager, places, options, stream)
  }

  async append(event: EventToLog): Promise<LogPlace> {
    const stream = this.#stream
    // An event that waited for the new stream could be overtaken by a later one.
    if (this.#isLost) throw this.#lost()
    const head = this.#headers(event, stream)
    let answer: Msg
    try {
      answer = await this.#link.request(
        this.#subject(event),
        encodeRecord(event),
        head,
        constants.headerBytesMax,
      )
    } catch (error) {
      if (!(error instanceof RequestError && error.isNoResponders())) throw error
      throw this.#lost(error)
    }
    const {
      error,
      seq,
      duplicate,
      stream: name,
    } = JSON.parse(new TextDecoder().decode(answer.data)) as Acknowledgement
    if (error?.err_code === otherStream) throw this.#lost(error)
    const log = name === undefined ? undefined : logIdOf(this.#places.base, name)
    if (error !== undefined || log === undefined || typeof seq !== 'number') {
      throw new NatsBrokerError(
        'LOG_REFUSED',
        `JetStream says: ${error?.description ?? 'nothing about the position of the event'}`,
        { cause: error },
      )
    }
    this.#see(name, seq)
    return duplicate === true ? { log, number: seq, isRepeat: true } : { log, number: seq }
  }

  async after(query: LogQuery): Promise<LogReading> {
    return this.#read(query, async (from, stream) => {
      const { position } = query
      const known = this.#known
      const isOther = position !== undefined && !isSameLog(position, { log: stream.id, number: 0 })
      if (position !== undefined && !isOther) {
        return pageAfter(from, stream, { ...query, position }, known)
      }
      const { state } = await this.#link.whileConnected(this.#manager.streams.info(stream.name))
      this.#see(stream.name, state.last_seq)
      const end = { entries: [], position: { log: stream.id, number: state.last_seq }, isEnd: true }
      return isOther ? { ...end, missed: 0 } : end
    })
  }

  async before(query: HistoryQuery): Promise<HistoryReading> {
    return this.#read(query, (from, stream) => {
      const { position } = query
      const isOfThis = position !== undefined && isSameLog(position, { log: stream.id, number: 0 })
      return pageBefore(from, stream, query, isOfThis ? position.number : undefined)
    })
  }

  follow(topic: LoggedTopic, follower: LogFollower): LogFollowing {
    const following = new Following(this.#link, this.#places, topic, follower, {
      current: () => this.#stream.name,
      seen: (stream, number) => {
        this.#see(stream, number)
        if (stream !== this.#stream.name) this.#open().catch(() => undefined)
      },
      ended: () => this.#following.delete(following),
    })
    this.#following.add(following)
    return following
  }

  #subject(topic: LoggedTopic): string {
    return `${this.#places.kept}.${topicToken(topic)}`
  }

  #headers(event: EventToLog, stream: LogStream): MsgHdrs {
    const head = headers()
    head.set(messageHeaders.expectedStream, stream.name)
    if (event.id !== undefined) head.set(messageHeaders.messageId, messageId(event, event.id))
    return head
  }

  /** Records a number. A late answer may come from a stream that no longer exists. */
  #see(stream: string | undefined, number: number): void {
    if (stream === this.#stream.name && number > this.#known) this.#known = number
  }

  /** Called when no stream, or another one, accepts appended events. */
  #lost(cause?: unknown): NatsBrokerError {
    this.#isLost = true
    this.#open().catch(() => undefined)
    return new NatsBrokerError('LOG_LOST', undefined, { cause })
  }

  async #read<Reading>(
    topic: LoggedTopic,
    read: (from: ReadFrom, stream: LogStream) => Promise<Reading>,
  ): Promise<Reading> {
    this.#link.checkConnected()
    const attempt = () => {
      this.#link.checkConnected()
      const stream = this.#stream
      const from = {
        link: this.#link,
        manager: this.#manager,
        stream: stream.name,
        subject: this.#subject(topic),
      }
      return read(from, stream)
    }
    const reading = this.#readings.run(async () => {
      try {
        return await attempt()
      } catch (error) {
        if (!isStreamGone(error)) throw explainedLogError(error)
      }
      await this.#open()
      try {
        return await attempt()
      } catch (error) {
        throw explainedLogError(error)
      }
    })
    return this.#link.inTime(reading)
  }

  /** Finds the stream again, or creates a new one. */
  #open(): Promise<void> {
    this.#opening ??= this.#openNow().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #openNow(): Promise<void> {
    this.#link.checkConnected()
    const stream = await this.#link.whileConnected(openStream(this.#manager, this.#places, this.#options))
    const isOther = stream.name !== this.#stream.name
    this.#stream = stream
    this.#isLost = false
    // Even if it is the same stream: a machine that lost its power may have lost the end of it.
    this.#known = stream.last
    if (isOther) for (const following of this.#following) following.tellOther(stream.name)
  }
}
