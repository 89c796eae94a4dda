import type { ContractEvent, RpcError } from '@frameport/protocol'
import type { Session } from '@frameport/protocol/session'
import type { TopicSubscriptions } from './event-listeners.ts'

type ExplainEvent = (event: ContractEvent, error: RpcError, tell: (explained: RpcError) => void) => void

/** Subscribes this client over the wire, once for all listeners on a topic. */
export class WireSubscriptions implements TopicSubscriptions {
  readonly #session: () => Session
  readonly #explain: ExplainEvent
  readonly #refused: (event: ContractEvent, topic: string, error: RpcError) => void
  /** What was asked for and not refused. */
  readonly #asked = new Map<string, Promise<RpcError | undefined>>()

  /**
   * @param session of the client, which is made after this
   * @param explain hands on what the server did not take, with a text that may say more
   * @param refused told, beside the promise, of what the server did not take
   */
  constructor(
    session: () => Session,
    explain: ExplainEvent,
    refused: (event: ContractEvent, topic: string, error: RpcError) => void,
  ) {
    this.#session = session
    this.#explain = explain
    this.#refused = refused
  }

  listens(event: ContractEvent, topic: string): Promise<RpcError | undefined> {
    if (event.subscribe !== 'clients') return Promise.resolve(undefined)
    const key = keyOf(event, topic)
    const present = this.#asked.get(key)
    if (present !== undefined) return present
    const asked = new Promise<RpcError | undefined>((resolve) => {
      this.#session().changeSubscription({ kind: 'subscribe', event: event.wireName, topic }, (error) => {
        if (error === undefined) {
          resolve(undefined)
          return
        }
        if (this.#asked.get(key) === asked) this.#asked.delete(key)
        this.#explain(event, error, (explained) => {
          resolve(explained)
          this.#refused(event, topic, explained)
        })
      })
    })
    this.#asked.set(key, asked)
    return asked
  }

  left(event: ContractEvent, topic: string): void {
    if (!this.#asked.delete(keyOf(event, topic))) return
    // The server drops a subscription that it does not have, and a connection that is gone has none.
    this.#session().changeSubscription({ kind: 'unsubscribe', event: event.wireName, topic }, () => undefined)
  }
}

/** No event's name holds a line break. */
function keyOf({ wireName }: ContractEvent, topic: string): string {
  return `${wireName}\n${topic}`
}
