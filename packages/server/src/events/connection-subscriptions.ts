import { RareMap } from '@frameport/framing/checks'
import { RpcError } from '@frameport/protocol'
import type { SubscriptionOrigin } from '@frameport/protocol/contract'
import type { IncomingCall } from '@frameport/protocol/session'
import type { Subscriber, Subscriptions } from './subscriptions.ts'

/** The server decides about one subscription of the client. */
export interface Decision {
  /** Aborted when the client takes it back, when the connection is gone, and with the signal of the request. */
  readonly signal: AbortSignal
  /** Why the server has ended it before the client had an answer. */
  readonly revocation: RpcError | undefined
  /**
   * Makes it, unless the client has taken it back, or has been let in meanwhile for another request of it.
   *
   * @param inPlace gets the events in the place of the connection
   * @returns whether it was made
   * @throws RpcError RESOURCE_EXHAUSTED
   */
  subscribe(inPlace?: InPlace): boolean
  /** Whatever came of it. */
  end(): void
}

interface OpenDecision extends Decision {
  takeBack(reason: RpcError): void
  revoke(reason: RpcError): void
}

/** A subscription that was made. */
interface MadeSubscription {
  byHandlers: boolean
  /** Undefined: the client did not ask. What decides about it while the client has no answer, and then the id of its call. */
  byClient: OpenDecision | number | undefined
}

/** What gets events in the place of a connection, to hand them on. */
export interface InPlace extends Subscriber {
  /** The connection is not subscribed any more. */
  end(): void
}

/** Counts what is held for one client. */
export interface ClientMemory {
  /** @returns why this many bytes more are too many; nothing was counted then */
  takeMemory(bytes: number): RpcError | undefined
  giveMemory(bytes: number): void
}

/** What a subscription takes beside the text of its topic: its places in three tables, and who made it. */
const subscriptionBytes = 256

/** What one connection is subscribed to. Twice by both origins is one delivery, which ends when neither is left. */
export class ConnectionSubscriptions {
  readonly #subscriber: Subscriber
  readonly #all: Subscriptions
  readonly #max: number
  readonly #memory: ClientMemory
  readonly #made = new RareMap<string, MadeSubscription>()
  /** Made when there is one. */
  #inPlace: Map<string, InPlace> | undefined
  /** What the server is deciding about, for the client. What the client has taken back meanwhile is not in it. */
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
   * A handler subscribes the connection.
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
   * The server ends it, whoever made it, and refuses what it was deciding about.
   *
   * @returns the id of the call that the client had asked with, if it has to be told
   */
  revoke(key: string, reason: RpcError): number | undefined {
    for (const decision of this.#decisions(key)) decision.revoke(reason)
    const made = this.#made.get(key)
    if (made === undefined) return undefined
    this.#end(key)
    // Without an answer the client is told by that.
    return typeof made.byClient === 'number' ? made.byClient : undefined
  }

  /**
   * The server begins to decide whether the client may have what it asks for.
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

  /** The connection is gone. */
  clear(): void {
    this.#isOver = true
    for (const key of this.#made.keys()) this.#drop(key)
    this.#made.clear()
    const gone = new RpcError('UNAVAILABLE', 'the connection has ended')
    for (const decisions of this.#deciding.values()) for (const decision of decisions) decision.takeBack(gone)
    this.#deciding.clear()
  }

  /** The one of a topic, made if there is none. @throws RpcError RESOURCE_EXHAUSTED */
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

  /** What the server is deciding about a topic, which it does no more. */
  #decisions(key: string): Iterable<OpenDecision> {
    const decisions = this.#deciding.get(key) ?? []
    this.#deciding.delete(key)
    return decisions
  }

  #end(key: string): void {
    this.#made.delete(key)
    this.#drop(key)
  }

  /** It gets the events from here on, also where the connection got them before. */
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

/** In bytes; a letter takes two when the text has one that is not of Latin 1. */
function sizeOf(key: string): number {
  return subscriptionBytes + 2 * key.length
}
