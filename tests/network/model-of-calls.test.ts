import { expect, it } from 'vitest'
import type { Act, Entry } from './model/trace.ts'
import {
  begins,
  beginsOn,
  brokenRule,
  call,
  close,
  closed,
  cut,
  ends,
  facts,
  fails,
  gives,
  gone,
  lost,
  onClient,
  onServer,
  quiet,
  ready,
  rest,
  settles,
  started,
  stream,
  unary,
  upload,
} from './traces.ts'

it.each<[string, readonly Entry[]]>([
  ['a call settles once', [...unary, settles(1)]],
  ['a call settles by its deadline', [...ready, call(1, 'unary', { deadlineMs: 10 }), quiet(12)]],
  ['a call settles by its deadline', [...ready, call(1, 'one-way', { deadlineMs: 10 }), quiet(12)]],
  [
    'a call that is cancelled settles at once',
    [...ready, call(1), onClient({ what: 'cancel', call: 1 }), quiet(2)],
  ],
  ['a call settles as its kind does', [...unary.slice(0, -1), settles(1, { how: 'end' })]],
  ['a call settles as its kind does', [...unary.slice(0, -1), settles(1, { how: 'sent' })]],
  ['a call that succeeded ran once, to that end', [...ready, call(1), settles(1)]],
  ['a call that succeeded ran once, to that end', [...ready, call(1), begins(1), settles(1)]],
  ['a call that succeeded ran once, to that end', [...stream, settles(1, { how: 'end' })]],
  [
    'a result belongs to its call',
    [
      ...ready,
      call(1),
      call(2),
      begins(1),
      begins(2),
      ends(1),
      ends(2, { how: 'result', value: 8 }),
      settles(2),
    ],
  ],
  [
    'a result belongs to its call',
    [
      ...ready,
      call(1),
      begins(1),
      ends(1, { how: 'failure', code: 'BUSY', value: 5 }),
      settles(1, { how: 'failure', code: 'BUSY', maybeExecuted: true, value: 6 }),
    ],
  ],
  [
    'a call that was not executed has no handler',
    [...ready, call(1), begins(1), ...lost, fails(1, 'UNAVAILABLE', false)],
  ],
  [
    'a call that was not executed has no handler',
    [...ready, call(1), cut, fails(1, 'UNAVAILABLE', false), begins(1)],
  ],
  [
    'a call that was not sent has not run',
    [
      ...started,
      onClient({ what: 'connect', link: 1, to: ['s'] }),
      cut,
      call(1),
      fails(1, 'UNAVAILABLE', true),
    ],
  ],
  ['a call fails for a reason that there is', [...ready, call(1), fails(1, 'UNAVAILABLE', true)]],
  ['a call fails for a reason that there is', [...ready, call(1), fails(1, 'CANCELLED', true)]],
  [
    'a call fails for a reason that there is',
    [...ready, call(1), cut, fails(1, 'RESOURCE_EXHAUSTED', false)],
  ],
  [
    'a call fails for a reason that there is',
    [...ready, call(1), begins(1), ends(1), fails(1, 'BUSY', true)],
  ],
  [
    'a call fails for a reason that there is',
    [...ready, call(1, 'unary', { deadlineMs: 10 }), fails(1, 'DEADLINE_EXCEEDED', true, 5)],
  ],
  ['a call fails for a reason that there is', [...upload, gives(0), fails(1, 'ABORTED', true)]],
  ['closed is last: every call has settled', [...ready, call(1), ...lost, quiet(2)]],
  ['everything settles once faults have stopped', [...ready, call(1), rest()]],
  [
    'everything settles once faults have stopped',
    [...ready, close, closed('CLOSED'), gone('CLOSED'), rest()],
  ],
  [
    'everything settles once faults have stopped',
    [...started, onClient({ what: 'connect', link: 1, to: ['s'] }), rest()],
  ],
  [
    'a call without an answer runs unless its session is lost',
    [...ready, call(1, 'one-way'), settles(1, { how: 'sent' }), rest()],
  ],
  ['what a call takes is given back', [...ready, onClient({ what: 'restOf', link: 1, here: 0, there: 1 })]],
])('finds what breaks the rule: %s', (rule, entries) => {
  expect(brokenRule(entries)).toBe(rule)
})

it('measures deadlines on the clock of each side', () => {
  const slow = { ...facts, clockRates: { c: 0.5, s: 2 } }
  const asked = [...ready, call(1, 'unary', { deadlineMs: 10 }), beginsOn({ leftMs: 10 })]
  expect(brokenRule([...asked, quiet(6)], slow)).toBeUndefined()
  expect(brokenRule([...asked, quiet(7)], slow)).toBe('a handler is aborted by its deadline')
  const told: Act = { what: 'aborted', call: 1 }
  expect(brokenRule([...asked, onServer(told, 5), quiet(20)], slow)).toBeUndefined()
  expect(brokenRule([...asked, onServer(told, 5), quiet(22)], slow)).toBe('a call settles by its deadline')
})
