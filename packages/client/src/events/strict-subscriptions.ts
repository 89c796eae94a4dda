import type { ContractEvent, RpcError } from '@frameport/protocol'
import type { TopicSubscriptions } from './event-listeners.ts'
import type { ListenedTopic } from './listened-topic.ts'

/** Subscribes a client only to admitted events, once they are admitted. */
export class StrictSubscriptions implements TopicSubscriptions {
  readonly #inner: TopicSubscriptions
  readonly #admit: (event: ContractEvent) => Promise<void>
  readonly #refused: (event: ContractEvent, topic: string, error: RpcError) => void
  /** The pending or accepted requests, by event and topic. */
  readonly #asked = new Map<string, Promise<RpcError | undefined>>()
  /** The requests to a later session, by those to the former one. */
  readonly #askedAgain = new WeakMap<Promise<RpcError | undefined>, Promise<RpcError | undefined>>()

  /**
   * @param admit rejects with an RpcError for an event that must not be listened to
   * @param refused called for it, in addition to the promise
   */
  constructor(
    inner: TopicSubscriptions,
    admit: (event: ContractEvent) => Promise<void>,
    refused: (event: ContractEvent, topic: string, error: RpcError) => void,
  ) {
    this.#inner = inner
    this.#admit = admit
    this.#refused = refused
  }

  listens(topic: ListenedTopic): Promise<RpcError | undefined> {
    const present = this.#asked.get(keyOf(topic))
    return present ?? this.#ask(topic, () => this.#inner.listens(topic))
  }

  listensAgain(topic: ListenedTopic): Promise<RpcError | undefined> {
    const before = this.#asked.get(keyOf(topic))
    const again = this.#ask(topic, () => this.#inner.listensAgain(topic))
    if (before !== undefined) this.#askedAgain.set(before, again)
    return again
  }

  #ask(topic: ListenedTopic, subscribe: () => Promise<RpcError | undefined>): Promise<RpcError | undefined> {
    const key = keyOf(topic)
    const isAsked = () => this.#asked.get(key) === asked
    const asked: Promise<RpcError | undefined> = this.#admit(topic.event).then(
      // The last listener may have left meanwhile.
      () => this.#askedAgain.get(asked) ?? (isAsked() ? subscribe() : undefined),
      (error: RpcError) => {
        const again = this.#askedAgain.get(asked)
        if (again !== undefined) return again
        if (isAsked()) this.#asked.delete(key)
        this.#refused(topic.event, topic.topic, error)
        return error
      },
    )
    this.#asked.set(key, asked)
    return asked
  }

  left(topic: ListenedTopic): void {
    this.#asked.delete(keyOf(topic))
    this.#inner.left(topic)
  }
}

/** The name of an event never contains a line break. */
function keyOf({ event, topic }: ListenedTopic): string {
  return `${event.wireName}\n${topic}`
}
