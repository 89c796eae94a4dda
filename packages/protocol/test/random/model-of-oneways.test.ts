import { expect, it } from 'vitest'
import type { Entry } from './model/trace.ts'
import { asks, at, brokenRule, goes, neverRun, none, quiet, runs, settles } from './traces.ts'

const kind = 'one-way'
const goesCall = (tag: number, fields = {}) =>
  goes('client', 'oneway', 0, { procedure: `random@1/c${tag}`, ...fields })
const called = (tag: number, fields = {}) => [
  asks(tag, { kind }),
  ...goesCall(tag, fields),
  settles(tag, '0:none'),
]
const begun = (tag: number, fields = {}) => [...called(tag, fields), runs(tag, { kind })]
const stops = (tag: number) => at('server', { what: 'answer', tag, answer: { how: 'end' } })
const dropped = (tag: number) => at('server', { what: 'dropped', tag })
const counted = (onewaysDropped: number) => at('server', { ...quiet, onewaysDropped })

it.each<[string, Entry[]]>([
  ['a one-way call', [...begun(1), at('server', { ...quiet, callsInFlight: 1 }), stops(1), counted(0)]],
  [
    'two one-way calls, one after the other',
    [...begun(1), stops(1), ...begun(2), stops(2), at('client', quiet), counted(0)],
  ],
  ['more one-way calls than may run', [...begun(1), ...called(2), dropped(2), stops(1), counted(1)]],
  ['a one-way call that arrives with no time left', [...called(1, { deadlineMs: 0 }), dropped(1)]],
  ['a one-way call with too much metadata', [asks(1, { kind }), ...dropsMetadata(), dropped(1)]],
  [
    'a one-way call that arrives after a goaway',
    [...goes('server', 'goaway', 0, { lastCallId: 0 }), ...called(1), dropped(1)],
  ],
  ['a one-way call that was not sent', [asks(1, { kind }), settles(1, '', neverRun)]],
  ['a one-way call while a promise is about to reject', [...begun(1), rejects(1), ...called(2), dropped(2)]],
])('finds nothing wrong with %s', (_, entries) => {
  expect(brokenRule(entries)).toBeUndefined()
})

it.each<[string, Entry[]]>([
  ['a one-way call runs or is dropped, once', [asks(1, { kind }), runs(1, { kind })]],
  ['a one-way call runs or is dropped, once', [...called(1, { deadlineMs: 0 }), dropped(1), dropped(1)]],
  [
    'a one-way call runs or is dropped, once',
    [...called(1, { deadlineMs: 0 }), dropped(1), runs(1, { kind })],
  ],
  ['a one-way call runs or is dropped, once', [...called(1), counted(0)]],
  ['a handler runs once', [...begun(1), runs(1, { kind })]],
  ['a one-way call that cannot be run is dropped', [...begun(1), ...begun(2)]],
  ['a one-way call is dropped for a reason that there is', [...called(1), dropped(1)]],
  ['each one-way call that is dropped is counted', [...begun(1), ...called(2), dropped(2), counted(0)]],
  ['a one-way call settles when it was sent', [asks(1, { kind }), settles(1, '0:none')]],
  ['a one-way call settles when it was sent', [asks(1, { kind }), ...goesCall(1), settles(1, '', neverRun)]],
  ['a one-way call settles when it was sent', [asks(1, { kind }), ...goesCall(1), at('client', quiet)]],
  ['a call settles once', [...called(1), settles(1, '0:none')]],
  ['a call is sent once, by its caller', [...called(1), ...goesCall(1)]],
  ['a call that has settled is not sent', [asks(1, { kind }), settles(1, '', neverRun), ...goesCall(1)]],
  ['calls are sent in the order they were made', [asks(1, { kind }), ...called(2), ...goesCall(1)]],
  ['a call says which kind it is', [asks(1), ...goesCall(1)]],
  [
    'a call says which kind it is',
    [asks(1, { kind }), ...goes('client', 'call', 1, { procedure: 'random@1/c1' })],
  ],
  ['a call that may be sent does not wait', [asks(1, { kind }), at('client', quiet)]],
  ['a handler is aborted by its deadline', [...begun(1, { deadlineMs: 5 }), at('server', quiet, 6)]],
  ['the calls in flight are those that are open', [...begun(1), at('server', quiet)]],
  [
    'every budget is given back',
    [...begun(1), stops(1), at('server', { ...quiet, held: { ...quiet.held, inputBytes: 1 } })],
  ],
  [
    'closed is last: every handler was aborted',
    [
      ...begun(1),
      at('server', { what: 'close', graceMs: none }),
      at('server', { what: 'closed', code: 'CLOSED' }),
    ],
  ],
  ['no frame has more than the receiver takes', [asks(1, { kind }), ...goesCall(1, { bodyBytes: 101 })]],
])('finds what breaks the rule: %s', (rule, entries) => {
  expect(brokenRule(entries)).toBe(rule)
})

/** The callee receives more metadata than it accepts, which a sender of this implementation never sends. */
function dropsMetadata(): Entry[] {
  const [, received] = goesCall(1, { metadata: { entries: 2, bytes: 2 } })
  return [goesCall(1)[0]!, received!]
}

function rejects(tag: number): Entry {
  return at('server', { what: 'handlerThrows', tag })
}
