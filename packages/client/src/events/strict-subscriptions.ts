import type { ContractEvent, RpcError } from '@frameport/protocol'
import type { TopicSubscriptions } from './event-listeners.ts'

/** Lets a client listen only to what is admitted, and subscribe once it is. */
export class StrictSubscriptions implements TopicSubscriptions {
  readonly #inner: TopicSubscriptions
  readonly #admit: (event: ContractEvent) => Promise<void>
  readonly #refused: (event: ContractEvent, topic: string, error: RpcError) => void
  /** By event and topic: those that somebody listens on, and that were not refused. */
  readonly #asked = new Map<string, Promise<RpcError | undefined>>()

  /**
   * @param admit rejects with an RpcError for an event that nobody may listen to
   * @param refused told of it, beside the promise
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

  listens(event: ContractEvent, topic: string): Promise<RpcError | undefined> {
    const key = `${event.wireName}\n${topic}`
    const present = this.#asked.get(key)
    if (present !== undefined) return present
    const isAsked = () => this.#asked.get(key) === asked
    const asked: Promise<RpcError | undefined> = this.#admit(event).then(
      // The last listener may have left meanwhile.
      () => (isAsked() ? this.#inner.listens(event, topic) : undefined),
      (error: RpcError) => {
        if (isAsked()) this.#asked.delete(key)
        this.#refused(event, topic, error)
        return error
      },
    )
    this.#asked.set(key, asked)
    return asked
  }

  left(event: ContractEvent, topic: string): void {
    this.#asked.delete(`${event.wireName}\n${topic}`)
    this.#inner.left(event, topic)
  }
}
