import { RareMap } from '@frameport/framing/checks'
import { RpcError } from '@frameport/protocol'
import type { SubscriptionOrigin } from '@frameport/protocol/contract'
import type { IncomingCall } from '@frameport/protocol/session'
import type { Subscriber, Subscriptions } from './subscriptions.ts'

/** A pending decision of the server about one subscription of the client. */
export interface Decision {
  /** Aborted when the client withdraws the request, when the connection is gone, and with the signal of the request. */
  readonly signal: AbortSignal
  /** The reason why the server ended the subscription before the client had an answer. */
  readonly revocation: RpcError | undefined
  /**
   * Creates the subscription, unless the client has withdrawn the request, or another request for it was admitted
   * meanwhile.
   *
   * @param inPlace gets the events in place of the connection
   * @returns whether it was created
   * @throws RpcError RESOURCE_EXHAUSTED
   */
  subscribe(inPlace?: InPlace): boolean
  /** Ends the decision, whatever the result. */
  end(): void
}

interface OpenDecision extends Decision {
  takeBack(reason: RpcError): void
  revoke(reason: RpcError): void
}

/** A subscription that exists. */
interface MadeSubscription {
  byHandlers: boolean
  /**
   * Undefined: the client did not ask. Otherwise the decision while the client has no answer, and then the id of its
   * call.
   */
  byClient: OpenDecision | number | undefined
}

/** Gets events in place of a connection, and passes them on. */
export interface InPlace extends Subscriber {
  /** The connection is no longer subscribed. */
  end(): void
}

/** Counts the memory that is held for one client. */
export interface ClientMemory {
  /** @returns the error if this many more bytes are too many; nothing was counted then */
  takeMemory(bytes: number): RpcError | undefined
  giveMemory(bytes: number): void
}

/** The memory of a subscription in addition to the text of its topic: its entries in three tables, and its origin. */
const subscriptionBytes = 256

/**
 * The subscriptions of one connection. A subscription of both origins is one delivery, which ends when neither is left.
 */
export class ConnectionSubscriptions {
  readonly #subscriber: Subscriber
  readonly #all: Subscriptions
  readonly #max: number
  readonly #memory: ClientMemory
  readonly #made = new RareMap<string, MadeSubscription>()
  /** Created when the first entry is added. */
  #inPlace: Map<string, InPlace> | undefined
  /** Pending decisions for the client. Requests that the client has withdrawn are not included. */
  readonly #deciding = new RareMap<string, Set<OpenDecision>>()
  #isOver = false

  constructor(subscriber: Subscriber, all: Subscriptions, max: number, memory: ClientMemory) {
    this.#subscriber = subscriber
    this.#all = all
    this.#max = max
    this.#memory = memory
  }

  get size(): number {
    return this.#made.size
  }

  has(key: string, origin: SubscriptionOrigin): boolean {
    const made = this.#made.get(key)
    return origin === 'handlers' ? made?.byHandlers === true : made?.byClient !== undefined
  }

  /**
   * Subscribes the connection for a handler.
   *
   * @throws RpcError RESOURCE_EXHAUSTED
   */
  add(key: string): void {
    if (!this.#isOver) this.#make(key).byHandlers = true
  }

  remove(key: string, origin: SubscriptionOrigin): void {
    if (origin === 'clients') {
      const reason = new RpcError('CANCELLED', 'the client ended its subscription')
      for (const decision of this.#decisions(key)) decision.takeBack(reason)
    }
    const made = this.#made.get(key)
    if (made === undefined) return
    if (origin === 'handlers') made.byHandlers = false
    else made.byClient = undefined
    if (!made.byHandlers && made.byClient === undefined) this.#end(key)
  }

  /**
   * Ends a subscription for the server, whatever its origin, and refuses pending decisions about it.
   *
   * @returns the id of the call with which the client had asked, if the client must be notified
   */
  revoke(key: string, reason: RpcError): number | undefined {
    for (const decision of this.#decisions(key)) decision.revoke(reason)
    const made = this.#made.get(key)
    if (made === undefined) return undefined
    this.#end(key)
    // A client without an answer learns it from the answer.
    return typeof made.byClient === 'number' ? made.byClient : undefined
  }

  /**
   * Begins to decide whether the client may have the subscription that it asks for.
   *
   * @throws RpcError RESOURCE_EXHAUSTED
   */
  decide(key: string, { id, signal: request }: Pick<IncomingCall, 'id' | 'signal'>): Decision {
    const isNew = !this.#made.has(key) && !this.#deciding.has(key)
    if (isNew && this.#made.size + this.#deciding.size >= this.#max) throw this.#tooMany()
    const decisions = this.#deciding.get(key) ?? new Set()
    this.#deciding.set(key, decisions)
    const controller = new AbortController()
    const onAbort = () => controller.abort(request.reason)
    if (request.aborted) onAbort()
    else request.addEventListener('abort', onAbort, { once: true })
    let revocation: RpcError | undefined
    const decision: OpenDecision = {
      signal: controller.signal,
      get revocation() {
        return revocation
      },
      takeBack: (reason) => controller.abort(reason),
      revoke: (reason) => {
        revocation = reason
        controller.abort(reason)
      },
      subscribe: (inPlace) => {
        if (!decisions.has(decision) || controller.signal.aborted || this.#isOver) return false
        if (this.has(key, 'clients')) return false
        this.#make(key, inPlace).byClient = decision
        return true
      },
      end: () => {
        request.removeEventListener('abort', onAbort)
        const made = this.#made.get(key)
        if (made?.byClient === decision) made.byClient = id
        decisions.delete(decision)
        if (decisions.size === 0 && this.#deciding.get(key) === decisions) this.#deciding.delete(key)
      },
    }
    decisions.add(decision)
    return decision
  }

  /** Called when the connection is gone. */
  clear(): void {
    this.#isOver = true
    for (const key of this.#made.keys()) this.#drop(key)
    this.#made.clear()
    const gone = new RpcError('UNAVAILABLE', 'the connection has ended')
    for (const decisions of this.#deciding.values()) for (const decision of decisions) decision.takeBack(gone)
    this.#deciding.clear()
  }

  /** Returns the subscription to a topic, created if necessary. @throws RpcError RESOURCE_EXHAUSTED */
  #make(key: string, inPlace?: InPlace): MadeSubscription {
    const present = this.#made.get(key)
    if (present === undefined) {
      if (this.#made.size >= this.#max) throw this.#tooMany()
      const refusal = this.#memory.takeMemory(sizeOf(key))
      if (refusal !== undefined) throw refusal
    }
    if (inPlace !== undefined) this.#put(key, inPlace)
    else if (present === undefined) this.#all.add(key, this.#subscriber)
    const made = present ?? { byHandlers: false, byClient: undefined }
    this.#made.set(key, made)
    return made
  }

  /** Removes and returns the pending decisions about a topic. */
  #decisions(key: string): Iterable<OpenDecision> {
    const decisions = this.#deciding.get(key) ?? []
    this.#deciding.delete(key)
    return decisions
  }

  #end(key: string): void {
    this.#made.delete(key)
    this.#drop(key)
  }

  /** Delivers events to `inPlace` from now on, also if the connection got them before. */
  #put(key: string, inPlace: InPlace): void {
    this.#inPlace ??= new Map()
    this.#inPlace.set(key, inPlace)
    this.#all.add(key, inPlace)
    this.#all.remove(key, this.#subscriber)
  }

  #drop(key: string): void {
    const inPlace = this.#inPlace?.get(key)
    if (inPlace === undefined) this.#all.remove(key, this.#subscriber)
    else {
      this.#inPlace?.delete(key)
      this.#all.remove(key, inPlace)
      inPlace.end()
    }
    this.#memory.giveMemory(sizeOf(key))
  }

  #tooMany(): RpcError {
    return new RpcError(
      'RESOURCE_EXHAUSTED',
      `This connection is subscribed to ${this.#max} topics, the limit subscriptionsPerConnectionMax. Unsubscribe from one first.`,
    )
  }
}

/** In bytes; a character takes two if the text has one outside Latin-1. */
function sizeOf(key: string): number {
  return subscriptionBytes + 2 * key.length
}
