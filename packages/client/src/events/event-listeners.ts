import { callReporting } from '@frameport/framing/checks'
import { type Contract, type ContractEvent, RpcError } from '@frameport/protocol'
import { madeAgain } from '@frameport/protocol/calling'
import {
  asyncDispose,
  describeValue,
  dispose,
  listOfNames,
  nearestName,
  wrongKind,
} from '@frameport/protocol/checks'
import { checkTopic, type ParseResult, parseBody, topicKey, topicOfText } from '@frameport/protocol/contract'
import type { DroppedEvent, EventGap, SessionEvent } from '@frameport/protocol/session'
import { refuse } from '../check-options.ts'
import { ClientError } from '../client-error.ts'
import type { TopicGap } from '../client-options.ts'
import type { EventFacts, Listening } from '../client-types.ts'
import { ListenedTopic, type Registration } from './listened-topic.ts'
import type { ListenerSilence } from './listener-silence.ts'

/** Tells the server which topics this client listens to, for events to which clients subscribe. */
export interface TopicSubscriptions {
  /**
   * Called when a listener was added. Settles when the server has accepted, or with the failure if it refused. Never
   * rejects.
   */
  listens(topic: ListenedTopic): Promise<RpcError | undefined>
  /** Like {@link listens}, for a new session: repeats the requests of the former one. */
  listensAgain(topic: ListenedTopic): Promise<RpcError | undefined>
  /** Called when the last listener was removed. */
  left(topic: ListenedTopic): void
}

export interface EventListenersOptions {
  /** Informed about each listener and each event. */
  readonly silence: Pick<ListenerSilence, 'listens' | 'settle'>
  /** The maximum number of events that wait for an asynchronous validator, and of their bytes. One may be longer. */
  readonly queuedMax: { readonly events: number; readonly bytes: number }
  /** Called with the error of a listener. Never throws. */
  readonly onUncaught: (error: unknown) => void
  /** Called for an event that was dropped, because it does not fit the contract or exceeds a limit. Never throws. */
  readonly onInvalidEvent: (error: RpcError, event?: ContractEvent) => void
  /** Called with a text when this limit is exceeded. */
  readonly onOverflow: (problem: string) => void
  readonly topics: TopicSubscriptions
  /**
   * Undefined unless the client has lost its connection. Settles when there is one, or with the failure if there will
   * be none.
   */
  readonly outage: () => Promise<RpcError | undefined> | undefined
  /** Called for events that the server left out. Never throws. */
  readonly onGap: (gap: TopicGap) => void
}

/** Passes each event to the listeners on its topic, in the order of arrival. */
export class EventListeners {
  readonly #contract: Contract
  readonly #options: EventListenersOptions
  readonly #topics = new Map<string, ListenedTopic>()
  /** Settles after the last event that waits: for its own asynchronous validator, or for earlier events. */
  #order: Promise<void> | undefined
  readonly #queued = { events: 0, bytes: 0 }

  constructor(contract: Contract, options: EventListenersOptions) {
    this.#contract = contract
    this.#options = options
  }

  /**
   * @returns a function that ends the registration
   * @throws ClientError `UNKNOWN_EVENT`, `INVALID_OPTION` without a listener; ProtocolError `INVALID_TOPIC`
   */
  add(name: string, args: readonly unknown[]): Listening {
    const event = this.#contract.eventEntries.get(name)
    if (event === undefined) throw unknownEvent(name, this.#contract.eventEntries)
    const [given, listener] = event.topic === undefined ? [undefined, args[0]] : args
    refuse(wrongArguments(name, event, args))
    const topic = topicKey(event, given)
    checkTopic(event, given)
    const key = keyOf(event.wireName, topic)
    const registration: Registration = { listener: listener as Registration['listener'], isAwaited: false }
    const present = this.#topics.get(key) ?? new ListenedTopic(event, topic)
    this.#topics.set(key, present)
    present.registrations.add(registration)
    this.#options.silence.listens(event)
    const stop = () => {
      if (!present.registrations.delete(registration) || present.registrations.size > 0) return
      this.#topics.delete(key)
      this.#options.topics.left(present)
    }
    const awaited = () => {
      registration.isAwaited = true
    }
    const asked = this.#options.topics.listens(present)
    if (!present.isFollowed) void asked.then((failure) => follow(present, failure))
    // After an outage, the server may refuse what it accepted before.
    const outage = present.isFollowed && event.subscribe === 'clients' ? this.#options.outage() : undefined
    const outcome = outage === undefined ? asked : this.#afterOutage(outage, present, registration)
    return listening(event.name, stop, outcome, awaited)
  }

  async #afterOutage(
    outage: Promise<RpcError | undefined>,
    topic: ListenedTopic,
    registration: Registration,
  ): Promise<RpcError | undefined> {
    const { topics, outage: another } = this.#options
    for (let next: typeof outage | undefined = outage; next !== undefined; next = another()) {
      const failure = await next
      if (failure !== undefined) return failure
    }
    return topic.registrations.has(registration) ? await topics.listens(topic) : undefined
  }

  /** Whether all listeners on this topic wait for the answer of the server. */
  areAwaited(event: ContractEvent, topic: string): boolean {
    const present = this.#topics.get(keyOf(event.wireName, topic))?.registrations ?? []
    return [...present].every(({ isAwaited }) => isAwaited)
  }

  /**
   * Called when a new session has replaced the former one, from which no more events arrive. The new session does not
   * know the topics of this client, so they are requested again, from the last known position. Without a position, the
   * events that were published meanwhile are a gap. It is reported when the server has subscribed the client again, or
   * before the first event of the new session, whichever is earlier.
   */
  sessionReplaced(): void {
    for (const [key, topic] of [...this.#topics]) {
      const isUnknown = topic.position === undefined || topic.event.subscribe !== 'clients'
      // Nothing was missed of a topic that was never subscribed.
      topic.owesGap ||= topic.isFollowed && isUnknown
      void this.#options.topics.listensAgain(topic).then((failure) => {
        follow(topic, failure)
        if (failure === undefined && this.#topics.get(key) === topic) this.#tellOwedGap(topic)
      })
    }
  }

  /** Called when the server has ended the subscription: its listeners get no more events, in later sessions either. */
  end(topic: ListenedTopic): void {
    topic.registrations.clear()
    this.#topics.delete(keyOf(topic.event.wireName, topic.topic))
    this.#options.topics.left(topic)
  }

  gap({ event, topic, events, position }: EventGap): void {
    const present = this.#topics.get(keyOf(event, topic))
    if (present === undefined) return
    present.owesGap = false
    present.advance(position)
    this.#tellGap(present, events)
  }

  /** Called when the user closes the client: gaps between two sessions are no longer reported. */
  dropOwedGaps(): void {
    for (const topic of this.#topics.values()) topic.owesGap = false
  }

  #tellOwedGap(topic: ListenedTopic): void {
    if (!topic.owesGap) return
    topic.owesGap = false
    this.#tellGap(topic, 0)
  }

  #tellGap({ event, topic }: ListenedTopic, events: number): void {
    this.#options.onGap({ event: event.name, topic: topicOfText(event, topic), events })
  }

  /** Whether there is a listener on this topic. Event and topic are in their wire form. */
  has(event: string, topic: string): boolean {
    return this.#topics.has(keyOf(event, topic))
  }

  /**
   * Validates an event once for all listeners, and not at all if there are none.
   *
   * @param bytes the wire size of its body
   */
  receive(sent: SessionEvent, bytes: number): void {
    this.#options.silence.settle()
    const key = keyOf(sent.event, sent.topic)
    const topic = this.#topics.get(key)
    if (topic === undefined || topic.has(sent.position)) return
    this.#tellOwedGap(topic)
    const { event } = topic
    const what = `the payload of ${event.name}`
    const parsed = parseBody(event.payload, sent.body, { what, code: 'INTERNAL' })
    if (this.#order === undefined && !(parsed instanceof Promise)) {
      topic.advance(sent.position)
      this.#deliver(event, key, parsed, factsOf(sent))
    } else if (this.#enqueue(event, key, parsed, factsOf(sent), bytes)) topic.advance(sent.position)
  }

  /** Called when the session had to leave out an event. */
  dropped({ event, problem }: DroppedEvent): void {
    const text = `an event ${event} of the server was left out: ${problem}`
    this.#options.onInvalidEvent(new RpcError('INTERNAL', text))
  }

  /** @returns false if it cannot wait; the event is lost then */
  #enqueue(
    event: ContractEvent,
    key: string,
    parsed: ParseResult<unknown> | Promise<ParseResult<unknown>>,
    facts: EventFacts,
    bytes: number,
  ): boolean {
    const problem = this.#overflow(bytes)
    if (problem !== undefined) {
      this.#options.onOverflow(problem)
      return false
    }
    this.#queued.events += 1
    this.#queued.bytes += bytes
    const order = (this.#order ?? Promise.resolve()).then(async () => {
      this.#deliver(event, key, await parsed, facts)
      this.#queued.events -= 1
      this.#queued.bytes -= bytes
      if (this.#order === order) this.#order = undefined
    })
    this.#order = order
    return true
  }

  /** Returns the reason why an event of this many bytes cannot wait; undefined if it can. */
  #overflow(bytes: number): string | undefined {
    const { events, bytes: waiting } = this.#queued
    const { queuedMax } = this.#options
    if (events >= queuedMax.events)
      return `${events} events wait for their validators, as many as eventsQueuedMax allows`
    if (events > 0 && waiting + bytes > queuedMax.bytes)
      return `events of ${waiting} bytes wait for their validators, and eventBytesQueuedMax is ${queuedMax.bytes}`
    return undefined
  }

  #deliver(event: ContractEvent, key: string, parsed: ParseResult<unknown>, facts: EventFacts): void {
    if (!parsed.ok) {
      this.#options.onInvalidEvent(parsed.error, event)
      return
    }
    for (const { listener } of [...(this.#topics.get(key)?.registrations ?? [])]) {
      callReporting(() => listener(parsed.value, facts), this.#options.onUncaught)
    }
  }
}

/** Shared by all events that no log keeps, so that they do not allocate an object each. */
const nowhere: EventFacts = Object.freeze({ position: undefined })

function factsOf({ position }: SessionEvent): EventFacts {
  return position === undefined ? nowhere : { position }
}

function follow(topic: ListenedTopic, failure: RpcError | undefined): void {
  if (failure === undefined) topic.isFollowed = true
}

/**
 * Nobody has to handle the result. A caller that reads `subscribed` is in the stack of its failure, and must handle it.
 */
function listening(
  event: string,
  stop: () => void,
  outcome: Promise<RpcError | undefined>,
  awaited: () => void,
): Listening {
  const subscribed = async () => {
    const failure = await outcome
    if (failure !== undefined) throw madeAgain(failure, event)
  }
  let asked: Promise<void> | undefined
  const get = () => {
    awaited()
    asked ??= subscribed()
    return asked
  }
  const ends = { [dispose]: stop, [asyncDispose]: async () => stop() }
  const subscribing = Object.defineProperty(stop, 'subscribed', { get, enumerable: true })
  return Object.freeze(Object.assign(subscribing, ends)) as Listening
}

function unknownEvent(name: unknown, events: ReadonlyMap<string, ContractEvent>): ClientError {
  const known = [...events.keys()]
  const meant = known.find((each) => events.get(each) === name)
  if (meant !== undefined)
    return new ClientError('UNKNOWN_EVENT', `the event itself was given: give its name, $on('${meant}', …)`)
  const said = describeValue(name)
  const near = typeof name === 'string' ? nearestName(name, known) : undefined
  const hint = near === undefined ? ` (events: ${listOfNames(known)})` : `: did you mean ${near}?`
  return new ClientError('UNKNOWN_EVENT', `${said}${hint}`)
}

/** The name of an event never contains a line break. */
function keyOf(event: string, topic: string): string {
  return `${event}\n${topic}`
}

/** Describes what is wrong with the arguments after the name of an event. */
function wrongArguments(name: string, event: ContractEvent, args: readonly unknown[]): string | undefined {
  const [first, second] = args
  const hasTopic = event.topic !== undefined
  if (hasTopic && typeof first === 'function' && second === undefined)
    return `the topic of ${event.name} is missing: call $on('${name}', topic, listener)`
  if (!hasTopic && typeof second === 'function')
    return `${event.name} has no topic, but one was given: call $on('${name}', listener)`
  return wrongKind('listener', (hasTopic ? second : first) ?? null, 'function')
}
