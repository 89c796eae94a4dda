import { expect, it } from 'vitest'
import type { Entry } from './model/trace.ts'
import {
  asks,
  at,
  brokenRule,
  call,
  envelope,
  goes,
  neverRun,
  quiet,
  responds,
  runs,
  settles,
} from './traces.ts'

const kind = 'client-stream'
const wish = { kind, deadlineMs: 5 } as const
const called = call(1, 1, { kind })
const begun = [...called, runs(1, { kind })]
const receives = at('server', { what: 'receiveUpload', tag: 1 })
const reading = [...begun, receives]
const gives = at('client', { what: 'giveItem', tag: 1, body: '4:item', bytes: 4 })
const goesItem = (sequence = 0) => goes('client', 'item', 1, { sequence })
const comes = at('server', { what: 'itemCame', tag: 1, body: '4:item', bytes: 4 })
const item = (sequence = 0) => [gives, ...goesItem(sequence), comes]
const asksEnd = at('client', { what: 'endUpload', tag: 1 })
const goesEnd = goes('client', 'end', 1)
const endComes = at('server', { what: 'uploadEnded', tag: 1 })
const ends = [asksEnd, ...goesEnd, endComes]
const asksStop = at('server', { what: 'stopUpload', tag: 1 })
const goesStop = goes('server', 'stop', 1)
const stopComes = at('client', { what: 'stopped', tag: 1 })
const stops = [asksStop, ...goesStop, stopComes]
const grants = at('server', { what: 'grantUpload', tag: 1, credit: { items: 1, bytes: 5 } })
const goesCredit = goes('server', 'credit', 1, { credit: { items: 1, bytes: 5 } })
const takes = at('server', { what: 'takeItem', tag: 1 })
const answered = [responds(1), ...goes('server', 'result', 1)]
const aborted = at('server', { what: 'handlerAborted', tag: 1 })
/** The state of a session with one call that holds this many bytes of unread items. */
const holding = (inputBytes: number) => ({
  ...quiet,
  callsInFlight: 1,
  held: { ...quiet.held, inputBytes },
})

it.each<[string, Entry[]]>([
  ['an upload', [...reading, ...item(), ...item(1), ...ends, ...answered, settles(1)]],
  [
    'an upload that continues after a grant of credit',
    [...reading, ...item(), ...item(1), takes, grants, ...goesCredit, ...item(2), ...ends],
  ],
  ['an upload that is stopped', [...reading, ...item(), ...stops, gives, asksEnd, ...answered, settles(1)]],
  ['an upload that is answered early', [...reading, gives, ...answered, ...goesItem(), settles(1)]],
  ['an upload that nobody reads', [...begun, ...goesStop, stopComes, at('server', holding(0))]],
  [
    'an upload that its deadline stops',
    [...call(1, 1, wish), runs(1, { kind }), receives, { ...goesStop[0]!, atMs: 5 }],
  ],
  ['a source that learns of a stop', [...reading, ...stops, at('client', { what: 'notWanted', tag: 1 })]],
  ['items that were not read', [...reading, ...item(), at('server', holding(132))]],
])('finds nothing wrong with %s', (_, entries) => {
  expect(brokenRule(entries)).toBeUndefined()
})

it.each<[string, Entry[]]>([
  ['only an upload has items of its caller', [...call(1, 1), ...goesItem()]],
  ['items are numbered', [...reading, gives, ...goesItem(1)]],
  [
    'no more items and bytes are sent than were granted',
    [...reading, ...item(), ...item(1), gives, ...goesItem(2)],
  ],
  [
    'no more items and bytes come than were granted',
    [...reading, ...item(), ...item(1), grants, ...goesCredit, ...item(2), gives, comes],
  ],
  ['items come in the order of sending, each once', [...reading, ...item(), comes]],
  [
    'items come in the order of sending, each once',
    [...reading, gives, ...goesItem(), { ...comes, body: '4:else' } as Entry],
  ],
  ['an end comes after all items', [...reading, gives, asksEnd, ...goesEnd]],
  ['an end comes after all items', [...reading, gives, ...goesItem(), ...ends]],
  ['an upload ends when its caller says so', [...reading, ...goesEnd]],
  ['an upload ends when its caller says so', [...reading, asksEnd, endComes]],
  ['nothing follows the end of an upload', [...reading, ...ends, ...goesEnd]],
  ['nothing comes of an upload that is over', [...reading, ...ends, endComes]],
  ['nothing comes of an upload that is over', [...reading, gives, ...goesItem(), ...stops, comes]],
  ['nothing comes of an upload that is over', [...reading, gives, ...goesItem(), responds(1), comes]],
  ['nothing comes of an upload that is over', [...reading, gives, ...goesItem(), aborted, comes]],
  ['nothing comes of an upload that is over', [...begun, ...item()]],
  [
    'one body of a call is under way at a time',
    [...reading, gives, ...goes('client', 'item', 1, { sequence: 0, goesOn: true }), asksEnd, ...goesEnd],
  ],
  ['a piece follows a beginning', [...reading, ...goes('client', 'more', 1)]],
  ['nothing is sent of an upload that was stopped', [...reading, gives, ...stops, ...goesItem()]],
  ['nothing is sent of an upload that was stopped', [...reading, ...stops, asksEnd, ...goesEnd]],
  [
    'nothing is sent of an upload that was stopped',
    [
      ...reading,
      gives,
      ...goes('client', 'item', 1, { sequence: 0, goesOn: true }),
      ...stops,
      ...goes('client', 'more', 1),
    ],
  ],
  [
    'nothing is sent of a call that has settled',
    [...reading, gives, settles(1, '', { ...neverRun, maybeExecuted: true }), ...goesItem()],
  ],
  [
    'nothing is sent of a call that has settled',
    [...reading, gives, ...goes('client', 'cancel', 1), ...goesItem()],
  ],
  ['a stop is told once, when the callee says so', [...reading, ...stops, stopComes]],
  ['a stop is told once, when the callee says so', [...reading, stopComes]],
  ['a stop is told once, when the callee says so', [...reading, asksStop, ...goesStop, at('client', quiet)]],
  [
    'nothing comes after a call has settled',
    [...reading, ...stops.slice(0, -1), ...answered, settles(1), stopComes],
  ],
  ['an upload is wanted until it is over', [...reading, at('client', { what: 'notWanted', tag: 1 })]],
  ['an upload is stopped once, before its end', [...reading, ...stops, ...goesStop]],
  ['an upload is stopped once, before its end', [...reading, ...ends, ...goesStop]],
  ['an upload is stopped for a reason that there is', [...reading, ...goesStop]],
  ['an upload that is not wanted is stopped', [...reading, asksStop, at('server', holding(0))]],
  ['an upload that is not wanted is stopped', [...begun, at('server', holding(0))]],
  ['no more is granted than the callee gave', [...reading, ...goesCredit]],
  ['no credit is granted to an upload that is over', [...reading, grants, ...stops, ...goesCredit]],
  ['the caller hears of each grant', [...reading, grants, at('server', holding(0))]],
  ['what was not read is counted', [...reading, ...item(), at('server', holding(131))]],
  [
    'every budget is given back',
    [...reading, ...answered, at('server', { ...holding(1), callsInFlight: 0 })],
  ],
  [
    'a call says which kind it is',
    [call(1, 1, { kind })[0]!, ...goes('client', 'call', 1, { procedure: 'random@1/c1' })],
  ],
  ['a handler is given what the caller gave', [...called, runs(1)]],
  [
    'a call is refused for a reason that there is',
    [...reading, ...goes('server', 'failure', 1, { code: 'RESOURCE_EXHAUSTED', maybeExecuted: true })],
  ],
])('finds what breaks the rule: %s', (rule, entries) => {
  expect(brokenRule(entries)).toBe(rule)
})

it('accepts that an item that is too long stops the upload and fails the call', () => {
  const long = { sequence: 0, bodyBytes: 80, goesOn: true }
  const entries = [
    ...reading,
    at('client', { what: 'giveItem', tag: 1, body: '160:long', bytes: 160 }),
    ...goes('client', 'item', 1, long),
    ...goes('client', 'more', 1, { bodyBytes: 80 }),
    ...goesStop,
    ...goes('server', 'failure', 1, { code: 'RESOURCE_EXHAUSTED', maybeExecuted: true }),
  ]
  expect(brokenRule(entries)).toBeUndefined()
})

it.each([
  ['answered', responds(1)],
  ['failed by its handler', at('server', { what: 'handlerThrows', tag: 1 })],
])('does not count a partial item of a call that was %s', (_, over) => {
  const half = { bodyBytes: 90, goesOn: true }
  const entries = [
    ...reading,
    at('client', { what: 'giveItem', tag: 1, body: '180:long', bytes: 180 }),
    ...goes('client', 'item', 1, { ...half, sequence: 0 }),
    over,
    asks(2),
    ...goes('client', 'call', 3, { ...half, procedure: 'random@1/c2' }),
    ...goes('server', 'failure', 3, { code: 'RESOURCE_EXHAUSTED', maybeExecuted: false }),
  ]
  const slots = { callsInFlightMax: 2 }
  expect(brokenRule(entries, slots)).toBe('a call is refused for a reason that there is')
  const running = entries.filter((entry) => entry !== over)
  expect(brokenRule(running, slots)).toBeUndefined()
})

it('does not count pieces of an item that is discarded', () => {
  const first = envelope('item', 1, { sequence: 0, bodyBytes: 90, goesOn: true })
  const entries = [
    ...reading,
    at('client', { what: 'giveItem', tag: 1, body: '180:long', bytes: 180 }),
    ...goes('client', 'item', 1, first),
    ...stops.slice(0, 1),
    at('server', { what: 'sent', envelope: envelope('stop', 1) }),
    ...goes('client', 'more', 1, { bodyBytes: 90 }),
    ...goes('server', 'failure', 1, { code: 'RESOURCE_EXHAUSTED', maybeExecuted: true }),
  ]
  expect(brokenRule(entries)).toBe('a call is refused for a reason that there is')
})
