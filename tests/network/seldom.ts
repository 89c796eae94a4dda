import type { ClientLimitOptions } from '@frameport/client'
import type { ServerLimitOptions } from '@frameport/server'
import type { EntryOf } from './model/trace.ts'
import type { Run } from './run.ts'

/**
 * Situations that are allowed, and must occur: seeds without them do not test resuming. A test fails as too weak if one
 * of them does not occur in the traces of its seeds.
 */
export const seldom = [
  'a session that goes on with nothing to send again',
  'a takeover while the connection looks alive',
  'a window that ends during a handshake',
  'a session that is replaced',
  'a client that is moved by a final goaway',
  'a call that is made again',
  'a stream that goes on behind its last item',
  'two welcomes lost in a row',
  'a client without a connection whose buffer is full',
  'a server without a connection whose buffer is full',
  'a session that is left while it has a connection',
  'a subscription that goes on behind its last event',
  'a client that goes on at another server',
  'a connection that ends at its age while it has calls',
] as const

export type Seldom = (typeof seldom)[number]

/** The situations that occurred in a run, each as often as it occurred. */
export function seldomSeen({ trace, plan }: Run): readonly Seldom[] {
  const seen: Seldom[] = []
  const sight = new Sight(plan.connectionAgeMs !== undefined)
  for (const [index, entry] of trace.entries()) {
    const before = trace[index - 1]
    if (entry.what === 'noted') seen.push(...seldom.filter((each) => each === entry.text))
    if (entry.what === 'attached' && before?.what === 'detached' && before.served === entry.served)
      seen.push('a takeover while the connection looks alive')
    if (entry.what === 'lost' && isFull(entry, plan.clientLimits))
      seen.push('a client without a connection whose buffer is full')
    if (entry.what === 'detached' && isFull(entry, plan.serverLimits))
      seen.push('a server without a connection whose buffer is full')
    if (entry.what === 'attached') seen.push(...sight.server(entry))
    if (entry.what === 'lost') sight.lost(entry)
    if (entry.what === 'call' && entry.served === undefined) sight.called(entry)
    if (entry.what === 'settled') sight.settled(entry)
    if (entry.what === 'session') seen.push(...sight.client(entry))
    if (entry.what === 'begin') seen.push(...sight.begun(entry))
    if (entry.what === 'publish') sight.published(entry)
    if (entry.what === 'gap') sight.gap(entry)
    if (entry.what === 'event') seen.push(...sight.event(entry))
  }
  return seen
}

function isFull(
  { keptBytes }: EntryOf<'lost' | 'detached'>,
  { resumeBytes = Number.POSITIVE_INFINITY }: ClientLimitOptions | ServerLimitOptions,
): boolean {
  return keptBytes >= resumeBytes
}

/** The facts to remember about earlier entries. */
class Sight {
  /** Whether connections have a maximum age. */
  readonly #ages: boolean
  readonly #begun = new Set<number>()
  /** The bytes that the server kept at the last resume, by link. */
  readonly #keptBytes = new Map<number, number>()
  /** The number of welcomes that the server has sent since the client received one, by link. */
  readonly #welcomes = new Map<number, number>()
  /** Links without a connection. */
  readonly #lost = new Set<number>()
  /** The number of sessions when an event was published, by the number of the event. */
  readonly #published = new Map<number, number>()
  /** The number of sessions when the session of a link was replaced, and the topics with a gap since then, by link. */
  readonly #replaced = new Map<number, { readonly atSession: number; readonly gaps: Set<string> }>()
  #sessions = 0
  /** The server host to which the client is connected, by link. */
  readonly #at = new Map<number, string>()
  /** Calls of clients that have not settled, with their links. */
  readonly #open = new Map<number, number>()

  constructor(ages: boolean) {
    this.#ages = ages
  }

  called({ call, link }: EntryOf<'call'>): void {
    this.#open.set(call, link)
  }

  settled({ call }: EntryOf<'settled'>): void {
    this.#open.delete(call)
  }

  lost({ link }: EntryOf<'lost'>): void {
    this.#lost.add(link)
  }

  *server({ link, keptBytes }: EntryOf<'attached'>): Iterable<Seldom> {
    this.#keptBytes.set(link, keptBytes)
    const welcomes = (this.#welcomes.get(link) ?? 0) + 1
    this.#welcomes.set(link, welcomes)
    if (welcomes === 3) yield 'two welcomes lost in a row'
  }

  published({ number }: EntryOf<'publish'>): void {
    this.#published.set(number, this.#sessions)
  }

  gap({ link, topic }: EntryOf<'gap'>): void {
    this.#replaced.get(link)?.gaps.add(topic)
  }

  *event({ link, topic, number }: EntryOf<'event'>): Iterable<Seldom> {
    const replaced = this.#replaced.get(link)
    const isMissed = replaced !== undefined && (this.#published.get(number) ?? 0) < replaced.atSession
    if (isMissed && !replaced.gaps.has(topic)) yield 'a subscription that goes on behind its last event'
  }

  *client({ link, to, isResumed, isFirst, keptBytes }: EntryOf<'session'>): Iterable<Seldom> {
    this.#sessions += 1
    if (!isFirst && this.#at.get(link) !== to) yield 'a client that goes on at another server'
    this.#at.set(link, to)
    const isMoved = !isFirst && !isResumed && !this.#lost.has(link)
    if (isMoved && this.#ages && [...this.#open.values()].includes(link))
      yield 'a connection that ends at its age while it has calls'
    this.#welcomes.delete(link)
    this.#replaced.delete(link)
    if (!isFirst && !isResumed) {
      yield 'a session that is replaced'
      // Messages of the session that was left still arrive, too.
      if (this.#lost.has(link)) this.#replaced.set(link, { atSession: this.#sessions, gaps: new Set() })
      else yield 'a session that is left while it has a connection'
    }
    this.#lost.delete(link)
    if (isResumed && keptBytes === 0 && this.#keptBytes.get(link) === 0)
      yield 'a session that goes on with nothing to send again'
  }

  *begun({ call, from }: EntryOf<'begin'>): Iterable<Seldom> {
    if (from > 0) yield 'a stream that goes on behind its last item'
    else if (this.#begun.has(call)) yield 'a call that is made again'
    this.#begun.add(call)
  }
}
