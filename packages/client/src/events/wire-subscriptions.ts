import type { ContractEvent, RpcError } from '@frameport/protocol'
import type { Session } from '@frameport/protocol/session'
import type { TopicSubscriptions } from './event-listeners.ts'
import type { ListenedTopic } from './listened-topic.ts'

type Refused = (event: ContractEvent, topic: string, error: RpcError) => void
type ExplainEvent = (event: ContractEvent, error: RpcError, tell: (explained: RpcError) => void) => void

/** A request that was not refused. */
interface Asked {
  readonly topic: ListenedTopic
  readonly outcome: Promise<RpcError | undefined>
  readonly settle: (failure: RpcError | undefined) => void
  isSettled: boolean
  /** The session of the last request. Answers of former ones do not count. */
  session: Session
  /** The call of that request. */
  callId: number | undefined
}

/** Subscribes this client at the server, once for all listeners on a topic. */
export class WireSubscriptions implements TopicSubscriptions {
  readonly #session: () => Session
  readonly #explain: ExplainEvent
  readonly #refused: Refused
  readonly #asked = new Map<string, Asked>()

  /**
   * @param session of the client, which is created after this
   * @param explain passes on a refusal of the server, possibly with a longer text
   * @param refused called, in addition to the promise, for a refusal of the server
   */
  constructor(session: () => Session, explain: ExplainEvent, refused: Refused) {
    this.#session = session
    this.#explain = explain
    this.#refused = refused
  }

  listens(topic: ListenedTopic): Promise<RpcError | undefined> {
    if (topic.event.subscribe !== 'clients') return Promise.resolve(undefined)
    const present = this.#asked.get(keyOf(topic))
    return present === undefined ? this.#ask(topic, undefined) : present.outcome
  }

  listensAgain(topic: ListenedTopic): Promise<RpcError | undefined> {
    if (topic.event.subscribe !== 'clients') return Promise.resolve(undefined)
    const present = this.#asked.get(keyOf(topic))
    // A request that was queued when the former session ended is queued in the current one already.
    if (present?.isSettled === false && present.session === this.#session()) return present.outcome
    return this.#ask(topic, present)
  }

  left(topic: ListenedTopic): void {
    if (!this.#asked.delete(keyOf(topic))) return
    const change = { kind: 'unsubscribe', event: topic.event.wireName, topic: topic.topic } as const
    // The server ignores this if it has no such subscription. Without a connection there is no subscription.
    this.#session().changeSubscription(change, () => undefined)
  }

  /**
   * Called when the server has ended the subscription of this call.
   *
   * @returns the topic, if there is a listener on it
   */
  ended(callId: number): ListenedTopic | undefined {
    for (const [key, asked] of this.#asked) {
      if (asked.callId !== callId) continue
      this.#asked.delete(key)
      return asked.topic
    }
    return undefined
  }

  /**
   * @param before the request to a former session. Callers that still wait for its answer get the answer to this one
   */
  #ask(topic: ListenedTopic, before: Asked | undefined): Promise<RpcError | undefined> {
    const { event, topic: text, position } = topic
    const key = keyOf(topic)
    const session = this.#session()
    const asked = before === undefined || before.isSettled ? newlyAsked(topic, session) : before
    asked.session = session
    this.#asked.set(key, asked)
    const change = { kind: 'subscribe', event: event.wireName, topic: text, position } as const
    const call = session.changeSubscription(change, (error, begin) => {
      if (asked.session !== session) return
      const isAsked = this.#asked.get(key) === asked
      if (error !== undefined && session !== this.#session() && isAsked) {
        // The session has ended, but not the client: callers wait for the answer of the next one.
        this.#ask(topic, asked)
        return
      }
      asked.isSettled = true
      if (error === undefined) {
        if (begin !== undefined) topic.beginsAfter(begin)
        asked.settle(undefined)
        return
      }
      if (isAsked) this.#asked.delete(key)
      this.#explain(event, error, (explained) => {
        asked.settle(explained)
        // The end of a session is not a refusal.
        if (session.state === 'open' || session.state === 'draining') this.#refused(event, text, explained)
      })
    })
    asked.callId = call.id
    return asked.outcome
  }
}

function newlyAsked(topic: ListenedTopic, session: Session): Asked {
  let settle: Asked['settle'] = () => undefined
  const outcome = new Promise<RpcError | undefined>((resolve) => {
    settle = resolve
  })
  return { topic, outcome, settle, isSettled: false, session, callId: undefined }
}

/** The name of an event never contains a line break. */
function keyOf({ event, topic }: ListenedTopic): string {
  return `${event.wireName}\n${topic}`
}
