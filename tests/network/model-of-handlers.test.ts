import { expect, it } from 'vitest'
import type { Entry } from './model/trace.ts'
import {
  aborted,
  at,
  begins,
  beginsOn,
  brokenRule,
  call,
  cut,
  ends,
  event,
  fails,
  giveEnd,
  gives,
  item,
  listening,
  listens,
  lost,
  none,
  onClient,
  onServer,
  publish,
  quiet,
  ready,
  rest,
  settles,
  stops,
  stream,
  streamEnds,
  subscribed,
  takeEnd,
  takes,
  topic,
  upload,
  yields,
} from './traces.ts'

it.each<[string, readonly Entry[]]>([
  // Handlers.
  ['a handler runs at most once for a call', [...ready, call(1), begins(1), begins(1)]],
  [
    'a handler runs at most once for a call',
    [...ready, call(1, 'unary', { isIdempotent: true }), begins(1), begins(1)],
  ],
  ['a handler is given what its caller gave', [...ready, call(1), begins(1, 'other')]],
  [
    'a call runs where it was sent',
    [...ready, call(1), onClient({ what: 'begin', call: 1, link: 1, input: '', from: 0, leftMs: none })],
  ],
  ['a handler ends once', [...ready, call(1), begins(1), ends(1), ends(1)]],
  [
    'a handler is aborted by its deadline',
    [
      ...ready,
      call(1, 'unary', { deadlineMs: 10 }),
      beginsOn({ leftMs: 10 }, 5),
      fails(1, 'DEADLINE_EXCEEDED', true, 10),
      quiet(18),
    ],
  ],
  ['a handler is aborted for a reason that there is', [...ready, call(1), begins(1), aborted]],
  [
    'a handler is aborted when nobody waits for it',
    [
      ...ready,
      call(1),
      begins(1),
      onClient({ what: 'cancel', call: 1 }),
      fails(1, 'CANCELLED', true),
      rest(),
    ],
  ],
  [
    'everything settles once faults have stopped',
    [
      ...ready,
      call(1),
      begins(1),
      onClient({ what: 'cancel', call: 1 }),
      fails(1, 'CANCELLED', true),
      aborted,
      rest(),
    ],
  ],
  [
    'closed is last: every handler was aborted',
    [...ready, call(1), begins(1), ...lost, fails(1, 'UNAVAILABLE', true), quiet(2)],
  ],
  [
    'closed is last: no handler begins',
    [...ready, call(1), ...lost, fails(1, 'UNAVAILABLE', true), begins(1)],
  ],

  // Items.
  ['items come in order, each once', [...stream, yields(0), item(0), item(0)]],
  ['items come in order, each once', [...stream, yields(0), yields(1), item(1)]],
  ['an item was given before it comes', [...stream, item(0)]],
  ['nothing comes after a call has settled', [...stream, ...streamEnds, yields(0), item(0)]],
  ['a stream that ends well has given all its items', [...stream, yields(0), ...streamEnds]],
  ['items of an upload come in order, each once', [...upload, gives(0), takes(0), takes(0)]],
  ['an item was given before it comes', [...upload, takes(0)]],
  ['an upload whose handler sees the end has come whole', [...upload, gives(0), giveEnd, takeEnd]],
  ['an upload whose handler sees the end has come whole', [...upload, gives(0), takes(0), takeEnd]],
  ['nothing comes after the end of an upload', [...upload, giveEnd, takeEnd, gives(0), takes(0)]],
  ['the source of an upload is left', [...upload, gives(0), ends(1), settles(1), rest()]],

  // Events.
  ['events come in order, each once', [...listening, publish(1), event(1), event(1)]],
  ['events come in order, each once', [...ready, listens, publish(1), publish(2), event(2), event(1)]],
  ['an event goes to its topic', [...listening, publish(1, 'news west'), event(1)]],
  ['an event goes to its topic', [...listening, event(1)]],
  ['an event goes to those who listen', [...listening, publish(1), stops, event(1)]],
  ['no event is missing without a gap that says so', [...listening, publish(1), publish(2), event(2)]],
  ['no event is lost while its session lives', [...listening, publish(1), rest()]],
  ['closed is last: nothing of an event', [...listening, publish(1), ...lost, event(1)]],
  ['closed is last: nothing of an event', [...ready, listens, ...lost, subscribed]],
  [
    'a subscription fails for a reason that there is',
    [...ready, listens, onClient({ what: 'subscribeFailed', link: 1, topic, code: 'UNAVAILABLE' })],
  ],
  [
    'a subscription fails for a reason that there is',
    [
      ...ready,
      listens,
      cut,
      onClient({ what: 'subscribeFailed', link: 1, topic, code: 'PERMISSION_DENIED' }),
    ],
  ],

  // What is left.
  ['a library has nothing to report', [...ready, onServer({ what: 'reported', text: 'a hook threw' })]],
  ['nothing is left at the end', [...ready, at('world', { what: 'left', texts: ['a timer'] })]],
])('finds what breaks the rule: %s', (rule, entries) => {
  expect(brokenRule(entries)).toBe(rule)
})
