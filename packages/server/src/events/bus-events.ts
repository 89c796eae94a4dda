import type { ContractEvent } from '@frameport/protocol'
import { isThenable, missingMethods } from '@frameport/protocol/checks'
import type { EventEncoding, EventLedger, SessionEnvironment } from '@frameport/protocol/session'
import { refusal, refuse } from '../check-options.ts'
import type { BusEvent, BusMember, BusReceiver, BusTopic, EventBus } from '../event-bus.ts'
import type { Logger } from '../logger.ts'
import { ServerError } from '../server-error.ts'
import type { Publication } from '../server-types.ts'
import { TimedAnswers } from '../timed-answers.ts'
import { BusPublication } from './bus-publication.ts'
import type { EventPublication } from './publication.ts'
import { type Subscriptions, subscriptionKey, topicOfKey } from './subscriptions.ts'
import type { TopicFeed } from './topic-feed.ts'
import { wrongBody } from './wrong-body.ts'

const memberShape = { what: 'a BusMember', methods: ['publish', 'listen', 'ignore', 'leave'] }

/** The memory that an event waiting for the bus costs in addition to its bytes. */
const holderBytes = 256

export interface BusEventsServices {
  readonly subscriptions: Subscriptions
  readonly eventLedger: EventLedger
  readonly environment: SessionEnvironment
  readonly log: Logger
  readonly busTimeoutMs: number
  /** Returns the event with this name, if a contract of this server has it. */
  readonly eventNamed: (wireName: string) => ContractEvent | undefined
  readonly encode: (event: ContractEvent, from: BusEvent) => EventEncoding
}

/** Exchanges published events with other servers over a bus. */
export class BusEvents implements BusReceiver {
  readonly #services: BusEventsServices
  readonly #member: BusMember
  readonly #answers: TimedAnswers
  /** The topics with subscribers on this server. */
  readonly #keys = new Set<string>()
  /** The bus has failed, and no call has succeeded since. */
  #isAway = false
  #isOver = false

  constructor(bus: EventBus, services: BusEventsServices) {
    this.#services = services
    this.#answers = new TimedAnswers(services.environment, services.busTimeoutMs)
    this.#member = joined(bus, this)
    refuse(missingMethods('the member that join of eventBus returned', this.#member ?? null, memberShape))
  }

  /** Starts to deliver the events that other servers publish to a topic. */
  feed(key: string): TopicFeed {
    this.#keys.add(key)
    const ready = this.#listen(key)
    const stop = () => {
      this.#keys.delete(key)
      this.#attempt('ignore', () => this.#member.ignore(topicOfKey(key)))
    }
    return { ready, stop }
  }

  /** Passes an event to the other servers. @param local the publication to the subscribers of this server */
  publish(event: BusEvent, local: EventPublication): Publication {
    const { eventLedger } = this.#services
    const bytes = event.body.bytes.length + holderBytes
    if (!eventLedger.take(bytes)) {
      const text = 'the events that wait for the bus and for subscribers have reached eventBytesWaitingMax'
      return new BusPublication(
        local,
        Promise.reject(this.#failed('publish', new ServerError('BUS_FAILED', text))),
      )
    }
    let isPending = false
    try {
      const handed = this.#member.publish(event)
      if (!isThenable(handed)) {
        this.#worked()
        return local
      }
      isPending = true
      return new BusPublication(local, this.#handed(handed, bytes))
    } catch (cause) {
      return new BusPublication(local, Promise.reject(this.#failed('publish', cause)))
    } finally {
      if (!isPending) eventLedger.give(bytes)
    }
  }

  event(given: BusEvent): void {
    const { subscriptions, eventNamed, encode, log } = this.#services
    const { event: name, topic, body } = given ?? {}
    const key = subscriptionKey(name, topic)
    const event = eventNamed(name)
    if (this.#isOver || event === undefined || !this.#keys.has(key)) return
    try {
      const wrong = wrongBody(body)
      if (wrong !== undefined) throw new TypeError(`the bus delivered an event ${wrong}`)
      subscriptions.publish(key, () => encode(event, given))
    } catch (err) {
      log.error({ event: name, err }, 'an event of the bus could not be sent: subscribers receive a gap')
      subscriptions.gap(key, { events: 1 })
    }
  }

  gap(topic?: BusTopic): void {
    if (this.#isOver) return
    const { subscriptions } = this.#services
    const keys = topic == null ? [...this.#keys] : [subscriptionKey(topic.event, topic.topic)]
    for (const key of keys) if (this.#keys.has(key)) subscriptions.gap(key, { events: 0 })
  }

  /** Called when the server has ended. */
  async leave(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    this.#answers.close()
    const { environment, busTimeoutMs } = this.#services
    const answers = new TimedAnswers(environment, busTimeoutMs)
    try {
      const left = this.#member.leave()
      if (isThenable(left)) await answers.wait(left, () => this.#late('leave'))
    } catch (cause) {
      this.#failed('leave', cause)
    }
  }

  #listen(key: string): Promise<void> | undefined {
    const listening = this.#attempt('listen', () => this.#member.listen(topicOfKey(key)))
    if (!isThenable(listening)) return undefined
    return this.#answers
      .wait(listening, () => this.#late('listen'))
      .then(
        () => this.#worked(),
        (cause) => void this.#failed('listen', cause),
      )
  }

  #attempt<Answer>(name: keyof BusMember, ask: () => Answer): Answer | undefined {
    try {
      const answer = ask()
      // No other code may handle the rejection.
      if (isThenable(answer)) answer.then(undefined, (cause) => this.#failed(name, cause))
      return answer
    } catch (cause) {
      this.#failed(name, cause)
      return undefined
    }
  }

  async #handed(handed: PromiseLike<void>, bytes: number): Promise<void> {
    try {
      await this.#answers.wait(handed, () => this.#late('publish'))
      this.#worked()
    } catch (cause) {
      throw this.#failed('publish', cause)
    } finally {
      this.#services.eventLedger.give(bytes)
    }
  }

  #late(name: keyof BusMember): ServerError {
    return new ServerError(
      'BUS_FAILED',
      `${name} of the bus did not settle within ${this.#answers.timeoutMs} ms`,
    )
  }

  /**
   * Logs one line when the bus begins to fail and one when it works again, so that an outage does not flood the log.
   */
  #failed(name: keyof BusMember, cause: unknown): ServerError {
    const err = ServerError.is(cause)
      ? cause
      : new ServerError('BUS_FAILED', `${name} of the bus failed`, { cause })
    if (err.code === 'SERVER_CLOSED' || this.#isAway) return err
    this.#isAway = true
    this.#services.log.error(
      { err },
      'the bus between servers fails: they do not receive events from each other',
    )
    return err
  }

  #worked(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#services.log.info({}, 'the bus between servers works again')
  }
}

/** @throws ServerError `BUS_FAILED`, `INVALID_OPTION` */
function joined(bus: EventBus, receiver: BusReceiver): BusMember {
  let member: BusMember
  try {
    member = bus.join(receiver)
  } catch (cause) {
    throw new ServerError('BUS_FAILED', 'join of the bus failed', { cause })
  }
  if (isThenable(member))
    throw refusal(
      'join of eventBus returned a promise: wait until the bus is open before you give it to createServer',
    )
  return member
}
