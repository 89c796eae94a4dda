import { onLateFailure } from '@frameport/framing/checks'
import { type Contract, type ContractEvent, RpcError } from '@frameport/protocol'
import { wrongKind } from '@frameport/protocol/checks'
import { type ParseResult, parseBody, topicKey } from '@frameport/protocol/contract'
import type { DroppedEvent, SessionEvent } from '@frameport/protocol/session'
import { refuse } from '../check-options.ts'
import { ClientError } from '../client-error.ts'

/** A registration; the same function may be registered twice. */
interface Registration {
  readonly listener: (payload: unknown) => unknown
}

export interface EventListenersOptions {
  /** Events that may wait for an asynchronous validator. */
  readonly queuedMax: number
  /** Told what a listener threw or rejected with. Never throws. */
  readonly onUncaught: (error: unknown) => void
  /** Told of an event that was left out, because it does not fit the contract or a limit. Never throws. */
  readonly onInvalidEvent: (error: RpcError) => void
  readonly onOverflow: () => void
}

/** Hands each event to those who listen on its topic, in the order of arrival. */
export class EventListeners {
  readonly #contract: Contract
  readonly #events: ReadonlyMap<string, ContractEvent>
  readonly #options: EventListenersOptions
  readonly #registrations = new Map<string, Set<Registration>>()
  /** Of an event that waits for an asynchronous validator, and all after it. */
  #order: Promise<void> | undefined
  #queued = 0

  constructor(contract: Contract, options: EventListenersOptions) {
    this.#contract = contract
    this.#options = options
    this.#events = new Map([...contract.eventEntries.values()].map((event) => [event.wireName, event]))
  }

  /**
   * @returns what ends the registration
   * @throws ClientError `UNKNOWN_EVENT`, `INVALID_OPTION` without a listener; ProtocolError `INVALID_TOPIC`
   */
  add(name: string, args: readonly unknown[]): () => void {
    const event = this.#contract.eventEntries.get(name)
    if (event === undefined) {
      const names = [...this.#contract.eventEntries.keys()].join(', ')
      throw new ClientError(
        'UNKNOWN_EVENT',
        `${JSON.stringify(name)}, where there is ${names === '' ? 'none' : names}`,
      )
    }
    const [topic, listener] = event.topic === undefined ? [undefined, args[0]] : args
    const key = keyOf(event.wireName, topicKey(event, topic))
    refuse(wrongKind('listener', listener ?? null, 'function'))
    const registration: Registration = { listener: listener as Registration['listener'] }
    const present = this.#registrations.get(key) ?? new Set()
    this.#registrations.set(key, present.add(registration))
    return () => {
      present.delete(registration)
      if (present.size === 0 && this.#registrations.get(key) === present) this.#registrations.delete(key)
    }
  }

  /** Whether anybody listens to this topic, as the event and the topic stand on the wire. */
  has(event: string, topic: string): boolean {
    return this.#registrations.has(keyOf(event, topic))
  }

  /** Validates an event once, whatever the number of listeners, and not at all when nobody listens. */
  receive(sent: SessionEvent): void {
    const event = this.#events.get(sent.event)
    const key = keyOf(sent.event, sent.topic)
    if (event === undefined || !this.#registrations.has(key)) return
    const what = `the payload of ${event.name}`
    const parsed = parseBody(event.payload, sent.body, { what, code: 'INTERNAL' })
    if (this.#order === undefined && !(parsed instanceof Promise)) this.#deliver(key, parsed)
    else this.#enqueue(key, parsed)
  }

  /** The session could not take an event. */
  dropped({ event, problem }: DroppedEvent): void {
    const text = `an event ${event} of the server was left out: ${problem}`
    this.#options.onInvalidEvent(new RpcError('INTERNAL', text))
  }

  #enqueue(key: string, parsed: ParseResult<unknown> | Promise<ParseResult<unknown>>): void {
    if (this.#queued >= this.#options.queuedMax) {
      this.#options.onOverflow()
      return
    }
    this.#queued++
    const order = (this.#order ?? Promise.resolve()).then(async () => {
      this.#deliver(key, await parsed)
      this.#queued--
      if (this.#order === order) this.#order = undefined
    })
    this.#order = order
  }

  #deliver(key: string, parsed: ParseResult<unknown>): void {
    if (!parsed.ok) {
      this.#options.onInvalidEvent(parsed.error)
      return
    }
    for (const { listener } of [...(this.#registrations.get(key) ?? [])]) {
      try {
        onLateFailure(listener(parsed.value), this.#options.onUncaught)
      } catch (error) {
        this.#options.onUncaught(error)
      }
    }
  }
}

/** No event's name holds a line break. */
function keyOf(event: string, topic: string): string {
  return `${event}\n${topic}`
}
