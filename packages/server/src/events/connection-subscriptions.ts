import { RareMap } from '@frameport/framing/checks'
import { RpcError } from '@frameport/protocol'
import type { SubscriptionOrigin } from '@frameport/protocol/contract'
import type { Subscriber, Subscriptions } from './subscriptions.ts'

/** A bit for each origin. */
const bits: Readonly<Record<SubscriptionOrigin, number>> = { handlers: 1, clients: 2 }

/** The server decides about one subscription of the client. */
export interface Decision {
  /** Aborted when the client takes it back, when the connection is gone, and with the signal of the request. */
  readonly signal: AbortSignal
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

/** What a subscription takes beside the text of its topic: its places in three tables. */
const subscriptionBytes = 256

/** What one connection is subscribed to. Twice by both origins is one delivery, which ends when neither is left. */
export class ConnectionSubscriptions {
  readonly #subscriber: Subscriber
  readonly #all: Subscriptions
  readonly #max: number
  readonly #memory: ClientMemory
  readonly #origins = new RareMap<string, number>()
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
    return this.#origins.size
  }

  has(key: string, origin: SubscriptionOrigin): boolean {
    return ((this.#origins.get(key) ?? 0) & bits[origin]) !== 0
  }

  /** @throws RpcError RESOURCE_EXHAUSTED */
  add(key: string, origin: SubscriptionOrigin, inPlace?: InPlace): void {
    if (this.#isOver) return
    const origins = this.#origins.get(key)
    if (origins === undefined) {
      if (this.#origins.size >= this.#max) throw this.#tooMany()
      const refusal = this.#memory.takeMemory(sizeOf(key))
      if (refusal !== undefined) throw refusal
    }
    if (inPlace !== undefined) this.#put(key, inPlace)
    else if (origins === undefined) this.#all.add(key, this.#subscriber)
    this.#origins.set(key, (origins ?? 0) | bits[origin])
  }

  remove(key: string, origin: SubscriptionOrigin): void {
    if (origin === 'clients') {
      takeBack(
        this.#deciding.get(key),
        new RpcError('CANCELLED', 'the client has taken its subscription back'),
      )
      this.#deciding.delete(key)
    }
    const origins = this.#origins.get(key)
    if (origins === undefined) return
    const left = origins & ~bits[origin]
    if (left > 0) this.#origins.set(key, left)
    else {
      this.#origins.delete(key)
      this.#drop(key)
    }
  }

  /**
   * The server begins to decide whether the client may have what it asks for.
   *
   * @param request aborts when nobody waits for the answer any more
   * @throws RpcError RESOURCE_EXHAUSTED
   */
  decide(key: string, request: AbortSignal): Decision {
    const isNew = !this.#origins.has(key) && !this.#deciding.has(key)
    if (isNew && this.#origins.size + this.#deciding.size >= this.#max) throw this.#tooMany()
    const decisions = this.#deciding.get(key) ?? new Set()
    this.#deciding.set(key, decisions)
    const controller = new AbortController()
    const onAbort = () => controller.abort(request.reason)
    if (request.aborted) onAbort()
    else request.addEventListener('abort', onAbort, { once: true })
    const decision: OpenDecision = {
      signal: controller.signal,
      takeBack: (reason) => controller.abort(reason),
      subscribe: (inPlace) => {
        if (!decisions.has(decision) || controller.signal.aborted || this.#isOver) return false
        if (this.has(key, 'clients')) return false
        this.add(key, 'clients', inPlace)
        return true
      },
      end: () => {
        request.removeEventListener('abort', onAbort)
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
    for (const key of this.#origins.keys()) this.#drop(key)
    this.#origins.clear()
    const gone = new RpcError('UNAVAILABLE', 'the connection has ended')
    for (const decisions of this.#deciding.values()) takeBack(decisions, gone)
    this.#deciding.clear()
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
      `This connection is subscribed to ${this.#max} topics, as many as subscriptionsPerConnectionMax allows.`,
    )
  }
}

function takeBack(decisions: Iterable<OpenDecision> = [], reason: RpcError): void {
  for (const decision of decisions) decision.takeBack(reason)
}

/** In bytes; a letter takes two when the text has one that is not of Latin 1. */
function sizeOf(key: string): number {
  return subscriptionBytes + 2 * key.length
}
