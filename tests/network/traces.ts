import { Model } from './model/model.ts'
import type { Act, CallKind, Ending, Entry, EntryOf, Facts, Outcome } from './model/trace.ts'

/** Builds traces for the tests of the model: one client host, one server host, and link 1 between them. */
export const facts: Facts = {
  clockRates: { c: 1, s: 1 },
  connectTimeoutMs: 1_000,
  closeExtraMs: 100,
  settleMs: 10_000,
  reconnects: false,
  resumes: false,
  loggedEvent: undefined,
  loggedEventsMax: 0,
  logIsShared: false,
  lettingNobodyIn: [],
  connectionAgeMinMs: Number.POSITIVE_INFINITY,
  clientMovesMs: 0,
  connectionAgeMaxMs: Number.POSITIVE_INFINITY,
  agedGraceMs: 50,
  connectionLeavesMs: 100,
  clientWindowMs: 1_000,
  serverWindowMs: 1_000,
  reconnectTimeoutMs: 5_000,
}

/** Both sides allow sessions to be resumed over another connection. */
export const resuming: Facts = { ...facts, reconnects: true, resumes: true }

export function at(host: string, act: Act, atMs = 0): Entry {
  return { atMs, host, ...act }
}

export const onClient = (act: Act, atMs = 0): Entry => at('c', act, atMs)
export const onServer = (act: Act, atMs = 0): Entry => at('s', act, atMs)
export const quiet = (atMs: number): Entry => at('world', { what: 'quiet' }, atMs)
export const rest = (atMs = 0): Entry => at('world', { what: 'rest' }, atMs)
export const none = Number.POSITIVE_INFINITY

export const started: readonly Entry[] = [
  onServer({ what: 'start' }),
  onClient({ what: 'start' }),
  onServer({ what: 'listen', server: 1 }),
]

/** Two processes, and an open link between them. */
export function opened(link = 1): readonly Entry[] {
  return [
    onClient({ what: 'connect', link, to: ['s'] }),
    accepted(link),
    session({ link }),
    onClient({ what: 'opened', link }),
  ]
}

/** Session 1 of link 1 at server 1, by its first attempt. */
export function accepted(link = 1, served = link, attempt = 1, atMs = 0): Entry {
  return onServer({ what: 'accepted', link, served, server: 1, attempt }, atMs)
}

/** At the client. By default the first session. */
export function session(wish: Partial<EntryOf<'session'>> = {}): Entry {
  const { atMs = 0, ...rest } = wish
  const first = { link: 1, to: 's', attempt: 1, isResumed: false, isFirst: true, keptBytes: 0 } as const
  return onClient({ what: 'session', ...first, ...rest }, atMs)
}

export const ready: readonly Entry[] = [...started, ...opened()]

type Wish = Partial<Pick<EntryOf<'call'>, 'link' | 'isIdempotent' | 'resumes' | 'deadlineMs' | 'input'>>

export function call(number: number, kind: CallKind = 'unary', wish: Wish = {}): Entry {
  const isIdempotent = false
  return onClient({
    what: 'call',
    call: number,
    link: 1,
    kind,
    isIdempotent,
    resumes: false,
    deadlineMs: none,
    input: '',
    ...wish,
  })
}

export function begins(number: number, input = '', atMs = 0): Entry {
  return beginsOn({ call: number, input }, atMs)
}

/** By default on session 1. */
export function beginsOn(wish: Partial<EntryOf<'begin'>>, atMs = 0): Entry {
  return onServer(
    { what: 'begin', call: 1, link: 1, served: 1, input: '', from: 0, leftMs: none, ...wish },
    atMs,
  )
}

export function ends(number: number, ending: Ending = { how: 'result', value: 7 }): Entry {
  return onServer({ what: 'end', call: number, ending })
}

export function settles(number: number, outcome: Outcome = { how: 'result', value: 7 }, atMs = 0): Entry {
  return onClient({ what: 'settled', call: number, outcome }, atMs)
}

export function fails(number: number, code: string, maybeExecuted: boolean, atMs = 0): Entry {
  return settles(number, { how: 'failure', code, maybeExecuted }, atMs)
}

export const unary = [...ready, call(1), begins(1), ends(1), settles(1)]
export const stream = [...ready, call(1, 'server-stream'), onClient({ what: 'ask', call: 1 }), begins(1)]
export const upload = [...ready, call(1, 'client-stream'), begins(1)]

export const yields = (number: number) => onServer({ what: 'yield', call: 1, number })
export const item = (number: number) => onClient({ what: 'item', call: 1, number })
export const gives = (number: number) => onClient({ what: 'give', call: 1, number })
export const takes = (number: number) => onServer({ what: 'take', call: 1, number })
export const giveEnd = onClient({ what: 'giveEnd', call: 1 })
export const sourceLeft = onClient({ what: 'sourceLeft', call: 1 })
export const takeEnd = onServer({ what: 'takeEnd', call: 1 })
export const aborted = onServer({ what: 'aborted', call: 1 })
export const cut = onClient({ what: 'cut', other: 's', how: 'reset' })
/** At the client, whose session may be resumed. */
export const isLost = (atMs = 0) => onClient({ what: 'lost', link: 1, keptBytes: 0 }, atMs)
export const closed = (code: string, atMs = 0) => onClient({ what: 'closed', link: 1, code }, atMs)
export const gone = (code: string, atMs = 0) => onServer({ what: 'gone', link: 1, served: 1, code }, atMs)
export const lost = [cut, closed('CONNECTION_LOST'), gone('CONNECTION_LOST')]
export const streamEnds = [ends(1, { how: 'end' }), settles(1, { how: 'end' })]

export const topic = 'news east'
export const publish = (number: number, name = topic) =>
  onServer({ what: 'publish', server: 1, topic: name, number })
export const listens = onClient({ what: 'listenTo', link: 1, topic, by: 'clients' })
export const subscribed = onClient({ what: 'subscribed', link: 1, topic })
export const stops = onClient({ what: 'stopListening', link: 1, topic })
export const event = (number: number) => onClient({ what: 'event', link: 1, topic, number })
export const listening = [...ready, listens, subscribed]

export const close = onClient({ what: 'close', link: 1, graceMs: 50 })
export const closeSettled = onClient({ what: 'closeSettled', link: 1 })

/** The rule that the first wrong entry breaks. */
export function brokenRule(entries: readonly Entry[], given: Facts = facts): string | undefined {
  const model = new Model(given)
  for (const entry of entries) model.see(entry)
  return model.violation?.rule
}
