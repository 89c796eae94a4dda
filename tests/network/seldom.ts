import type { EntryOf } from './model/trace.ts'
import type { Run } from './run.ts'

/**
 * What is right whenever it happens, and has to happen: seeds in which it does not say nothing of what resuming is about. Each of these is
 * seen in the traces of the seeds of a test, or it fails as too weak.
 */
export const seldom = [
  'a session that goes on with nothing to send again',
  'a takeover while the connection looks alive',
  'a window that ends during a handshake',
  'a session that is replaced',
  'a client that is moved by a final goaway',
  'a call that is made again',
  'a stream that goes on behind its last item',
] as const

export type Seldom = (typeof seldom)[number]

/** Those that have happened in a run, as often as they have. */
export function seldomSeen({ trace }: Run): readonly Seldom[] {
  const seen: Seldom[] = []
  const sight = new Sight()
  for (const [index, entry] of trace.entries()) {
    const before = trace[index - 1]
    if (entry.what === 'noted') seen.push(...seldom.filter((each) => each === entry.text))
    if (entry.what === 'attached' && before?.what === 'detached' && before.served === entry.served)
      seen.push('a takeover while the connection looks alive')
    if (entry.what === 'attached') sight.server(entry)
    if (entry.what === 'session') seen.push(...sight.client(entry))
    if (entry.what === 'begin') seen.push(...sight.begun(entry))
  }
  return seen
}

/** What has to be remembered of what came before. */
class Sight {
  readonly #begun = new Set<number>()
  /** By link: what its server kept when it was taken up again last. */
  readonly #keptBytes = new Map<number, number>()

  server({ link, keptBytes }: EntryOf<'attached'>): void {
    this.#keptBytes.set(link, keptBytes)
  }

  *client({ link, isResumed, isFirst, keptBytes }: EntryOf<'session'>): Iterable<Seldom> {
    if (!isFirst && !isResumed) yield 'a session that is replaced'
    if (isResumed && keptBytes === 0 && this.#keptBytes.get(link) === 0)
      yield 'a session that goes on with nothing to send again'
  }

  *begun({ call, from }: EntryOf<'begin'>): Iterable<Seldom> {
    if (from > 0) yield 'a stream that goes on behind its last item'
    else if (this.#begun.has(call)) yield 'a call that is made again'
    this.#begun.add(call)
  }
}
