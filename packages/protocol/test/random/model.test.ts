import { expect, it } from 'vitest'
import { Model } from './model/model.ts'
import type { Entry } from './model/trace.ts'
import {
  asks,
  at,
  brokenRule,
  call,
  closed,
  envelope,
  goes,
  limits,
  neverRun,
  none,
  opened,
  over,
  quiet,
  responds,
  rest,
  runs,
  settles,
} from './traces.ts'

const firstEnvelope = envelope('call', 1, { procedure: 'random@1/c1' })

const unary = [...call(1, 1), runs(1), responds(1), ...goes('server', 'result', 1), settles(1)]
const items = { kind: 'server-stream', credit: { items: 1, bytes: 10 } } as const
const stream = [...call(1, 1, items), runs(1, { kind: 'server-stream' })]
const itemSent = at('server', { what: 'sendItem', tag: 1, body: '4:item', bytes: 4 })
const itemTold = at('client', { what: 'item', tag: 1, body: '4:item', bytes: 4 })
const item = [...goes('server', 'item', 1, { sequence: 0 }), itemSent, itemTold]
const asksStarted = { ...items, asksStarted: true } as const
const asked = [...call(1, 1, asksStarted), runs(1, { kind: 'server-stream' })]
const begins = at('server', { what: 'handlerStarted', tag: 1 })
const beginTold = [...goes('server', 'started', 1), at('client', { what: 'started', tag: 1 })]
const ends = [at('server', { what: 'answer', tag: 1, answer: { how: 'end' } }), ...goes('server', 'end', 1)]
const fails = (maybeExecuted: boolean): Entry =>
  at('server', { what: 'answer', tag: 1, answer: { how: 'fail', fault: { code: 'MINE', maybeExecuted } } })
const close = at('client', { what: 'close', graceMs: 20 })

it.each<[string, Entry[]]>([
  ['a unary call', unary],
  ['a stream', [...stream, ...item, ...ends, settles(1)]],
  ['a stream that reports its start', [...asked, begins, ...beginTold, ...item, ...ends, settles(1)]],
  [
    'two calls, one after the other, and an end',
    [
      ...unary,
      ...call(2, 3),
      runs(2),
      responds(2),
      ...goes('server', 'result', 3),
      settles(2),
      close,
      at('client', closed),
      at('client', over),
    ],
  ],
  [
    'an end that a second close brings forward',
    [
      ...call(1, 1),
      runs(1),
      close,
      at('client', { what: 'close', graceMs: 0 }),
      settles(1, '', { ...neverRun, maybeExecuted: true }),
      at('client', closed),
    ],
  ],
])('finds nothing wrong with %s', (_, entries) => {
  expect(brokenRule(entries)).toBeUndefined()
})

it.each<[string, Entry[]]>([
  ['only what was asked for happens', [settles(1)]],
  ['only calls that were made are spoken of', goes('server', 'result', 1)],
  ['a call settles once', [...unary, settles(1)]],
  ['nothing comes after a call has settled', [...stream, ...ends, settles(1), itemTold]],
  ['items come in the order of sending, each once', [...stream, ...item, itemTold]],
  [
    'no more items and bytes come than were granted',
    [...call(1, 1, { kind: 'server-stream', credit: { items: 0, bytes: 1 } }), itemSent, itemTold],
  ],
  ['a begin is told to who asks', [...stream, begins, ...goes('server', 'started', 1)]],
  ['a begin is told to who asks', [...asked, begins, { ...itemSent, atMs: 1 }]],
  ['a begin is told when the handler has begun', [...asked, ...beginTold]],
  ['a begin is told once, before the first item', [...asked, begins, ...beginTold, ...beginTold]],
  ['a begin is told once, before the first item', [...asked, begins, ...item, ...beginTold]],
  ['a begin is told when the callee says so', [...asked, begins, at('client', { what: 'started', tag: 1 })]],
  ['nothing comes after a call has settled', [...asked, begins, ...ends, settles(1), ...beginTold.slice(-1)]],
  [
    'a begin is asked for when the caller asks',
    [asks(1, asksStarted), ...goes('client', 'call', 1, { procedure: 'random@1/c1', credit: items.credit })],
  ],
  [
    'a begin is asked for when the caller asks',
    [...stream, ...goes('client', 'credit', 1, { credit: { items: 0, bytes: 1 }, asksStarted: true })],
  ],
  [
    'a call is sent once, by its caller',
    [...call(1, 1), ...goes('client', 'call', 3, { procedure: 'random@1/c1' })],
  ],
  [
    'a call that has settled is not sent',
    [asks(1), settles(1, '', neverRun), ...goes('client', 'call', 1, { procedure: 'random@1/c1' })],
  ],
  [
    'calls are sent in the order they were made',
    [asks(1), ...call(2, 3), ...goes('client', 'call', 1, { procedure: 'random@1/c1' })],
  ],
  ['no more calls are open than there are slots', [...call(1, 1), ...call(2, 3)]],
  [
    'a call is cancelled once',
    [...call(1, 1), ...goes('client', 'cancel', 1), ...goes('client', 'cancel', 1)],
  ],
  [
    'the callee hears of each grant',
    [...stream, at('client', { what: 'grant', tag: 1, credit: { items: 1, bytes: 0 } }), at('client', quiet)],
  ],
  [
    'no more is granted than the caller gave',
    [...stream, ...goes('client', 'credit', 1, { credit: { items: 1, bytes: 0 } })],
  ],
  ['a result comes with the answer', [...call(1, 1), runs(1), responds(1), settles(1)]],
  [
    'an answer goes to its call',
    [...call(1, 1), runs(1), responds(1, '5:other'), ...goes('server', 'result', 1), settles(1)],
  ],
  ['an end comes after all items', [...stream, itemSent, ...ends, settles(1)]],
  ['a call that was not executed has no handler', [...call(1, 1), runs(1), settles(1, '', neverRun)]],
  ['a call that was not executed has no handler', [...call(1, 1), settles(1, '', neverRun), runs(1)]],
  [
    'a call that was not executed has no handler',
    [...call(1, 1), runs(1), ...goes('server', 'failure', 1, { code: 'INTERNAL', maybeExecuted: false })],
  ],
  [
    'a call is refused for a reason that there is',
    [...call(1, 1), ...goes('server', 'failure', 1, { code: 'RESOURCE_EXHAUSTED', maybeExecuted: false })],
  ],
  [
    'a call is refused for a reason that there is',
    [asks(1), settles(1, '', { ...neverRun, code: 'RESOURCE_EXHAUSTED' })],
  ],
  ['a handler runs once', [...call(1, 1), runs(1), runs(1)]],
  ['a handler runs for an open call', [asks(1), runs(1)]],
  [
    'a handler runs for an open call',
    [
      asks(1),
      ...goes('server', 'goaway', 0, { lastCallId: 0, code: 'CLOSED' }),
      ...goes('client', 'call', 1, { procedure: 'random@1/c1' }),
      runs(1),
    ],
  ],
  ['a handler is given what the caller gave', [...call(1, 1), runs(1, { input: '5:other' })]],
  [
    'nothing follows an answer, and each call has one',
    [...unary, ...goes('server', 'failure', 1, { code: 'CANCELLED' })],
  ],
  [
    'only open calls are answered',
    [asks(1), at('client', { what: 'sent', envelope: firstEnvelope }), ...goes('server', 'result', 1)],
  ],
  ['a piece follows a beginning', [...call(1, 1), ...goes('server', 'more', 1)]],
  [
    'one body of a call is under way at a time',
    [...stream, ...goes('server', 'item', 1, { sequence: 0, goesOn: true }), ...goes('server', 'end', 1)],
  ],
  ['items are numbered', [...stream, ...goes('server', 'item', 1, { sequence: 1 })]],
  [
    'no more items and bytes are sent than were granted',
    [...stream, ...item, ...goes('server', 'item', 1, { sequence: 1 })],
  ],
  [
    'what a handler says of its failure is sent',
    [
      ...call(1, 1),
      runs(1),
      fails(true),
      ...goes('server', 'failure', 1, { code: 'MINE', maybeExecuted: false }),
    ],
  ],
  ['a session opens once', opened],
  [
    'a sender that may send an item does not wait',
    [...stream, at('server', { what: 'waitsForNothing', tag: 1 })],
  ],
  [
    'nothing is sent of a call that has settled',
    [...call(1, 1), settles(1, '', { ...neverRun, maybeExecuted: true }), ...goes('client', 'more', 1)],
  ],
  [
    'nothing is sent of a call that has settled',
    [...stream, ...goes('client', 'cancel', 1), ...goes('client', 'credit', 1)],
  ],
  [
    'a call that was given up is answered in time',
    [
      ...call(1, 1),
      runs(1),
      at('server', { what: 'handlerAborted', tag: 1 }),
      settles(1, '', { code: 'CANCELLED', maybeExecuted: true }),
      at('server', quiet, 6),
    ],
  ],
  [
    'an orderly end waits for open calls, as long as its grace',
    [
      ...call(1, 1),
      runs(1),
      close,
      settles(1, '', { ...neverRun, maybeExecuted: true }),
      at('client', closed),
    ],
  ],
  [
    'an orderly end waits for open calls, as long as its grace',
    [
      ...call(1, 1),
      runs(1),
      close,
      at('client', { what: 'close', graceMs: undefined }),
      at('client', { what: 'close', graceMs: 60 }),
      settles(1, '', { ...neverRun, maybeExecuted: true }),
      at('client', closed),
    ],
  ],
  [
    'no frame has more than the receiver takes',
    [asks(1), ...goes('client', 'call', 1, { procedure: 'random@1/c1', metadata: { entries: 2, bytes: 2 } })],
  ],
  ['an end has its time', [close, at('client', quiet, 31)]],
  ['an end has its time', [at('client', { what: 'abort' }), at('client', quiet, 6)]],
  [
    'a cancel settles its call at once',
    [
      asks(1),
      at('client', { what: 'cancel', tag: 1, fault: none }),
      at('client', { ...quiet, queuedBytes: 1 }),
    ],
  ],
  ['a call that was not sent has not run', [asks(1), settles(1, '', { ...neverRun, maybeExecuted: true })]],
  ['a call that may be sent does not wait', [asks(1), at('client', quiet)]],
  ['each kind of envelope has its sender', [...call(1, 1), ...goes('client', 'result', 1)]],
  [
    'a call says which kind it is',
    [asks(1), ...goes('client', 'call', 1, { procedure: 'random@1/c1', credit: items.credit })],
  ],
  ['every budget is given back', [at('client', { ...rest, held: { ...rest.held, waitingBytes: 1 } })]],
  [
    'no more calls wait than may',
    [...Array.from({ length: 11 }, (_, tag) => asks(tag)), at('client', quiet)],
  ],
  [
    'no more handlers are left running than may',
    Array.from({ length: 12 }, (_, tag) => [
      ...call(tag, 2 * tag + 1),
      runs(tag),
      ...goes('server', 'failure', 2 * tag + 1, { code: 'CANCELLED', maybeExecuted: true }),
    ]).flat(),
  ],
  [
    'events come in order, each once, as they were sent',
    [at('client', { what: 'emit', number: 1, body: '' }), ...goes('client', 'event', 0), at('server', rest)],
  ],
  [
    'events come in order, each once, as they were sent',
    [
      at('client', { what: 'emit', number: 1, body: '' }),
      at('server', { what: 'event', number: 1, body: '' }),
      at('server', { what: 'event', number: 1, body: '' }),
    ],
  ],
  ['no frame has more than the receiver takes', goes('client', 'event', 0, { payloadBytes: 4_097 })],
  ['no side breaks the protocol', [at('client', { what: 'closed', code: 'PROTOCOL_VIOLATION' })]],
  ['a session is aborted by its user alone', [at('client', { what: 'closed', code: 'ABORTED' })]],
  ['a session ends in order when somebody closes it', [at('client', closed)]],
  ['a hello is refused by the server alone', [at('client', { what: 'closed', code: 'HELLO_REFUSED' })]],
  ['a session closes once', [close, at('client', closed), at('client', closed)]],
  ['closed is last: every call has settled', [...call(1, 1), close, at('client', closed)]],
  ['closed is last: every handler was aborted', [...call(1, 1), runs(1), close, at('server', closed)]],
  ['closed is last', [close, at('client', closed), at('client', { what: 'goaway' })]],
  ['a call settles by its deadline', [asks(1, { deadlineMs: 5 }), at('client', quiet, 6)]],
  [
    'a handler is aborted by its deadline',
    [
      ...call(1, 1, { deadlineMs: 5 }),
      runs(1),
      settles(1, '', { code: 'DEADLINE_EXCEEDED', maybeExecuted: true }),
      at('server', quiet, 6),
    ],
  ],
  ['a session that closed says so', [close, at('client', closed), at('client', quiet)]],
  ['the calls in flight are those that are open', [...call(1, 1), at('client', quiet)]],
  ['everything comes to its end', [at('client', over)]],
  ['every budget is given back', [close, at('client', closed), at('client', { ...over, queuedBytes: 1 })]],
])('finds what breaks the rule: %s', (rule, entries) => {
  expect(brokenRule(entries)).toBe(rule)
})

it('counts bodies that were received in part, until they are dropped', () => {
  const piece = { bodyBytes: 80, goesOn: true }
  const first = (tag: number, id: number) => [
    asks(tag),
    ...goes('client', 'call', id, { ...piece, procedure: `random@1/c${tag}` }),
  ]
  const refused = (id: number) =>
    goes('server', 'failure', id, { code: 'RESOURCE_EXHAUSTED', maybeExecuted: false })
  const broken = (entries: readonly Entry[]) => {
    const model = new Model({ client: limits, server: { ...limits, callsInFlightMax: 9 } })
    for (const entry of entries) model.see(entry)
    return model.violation?.rule
  }
  expect(broken([...first(1, 1), ...first(2, 3), ...refused(3)])).toBeUndefined()
  const cancelled = [...goes('client', 'cancel', 1), ...goes('server', 'failure', 1, { code: 'CANCELLED' })]
  expect(broken([...first(1, 1), ...cancelled, ...first(2, 3), ...refused(3)])).toBe(
    'a call is refused for a reason that there is',
  )
})

it('finds an event before its session has opened', () => {
  const model = new Model({ client: limits, server: limits })
  model.see(at('client', { what: 'goaway' }))
  expect(model.violation?.rule).toBe('a session opens before anything else')
})
