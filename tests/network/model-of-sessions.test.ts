import { expect, it } from 'vitest'
import type { Entry, Facts } from './model/trace.ts'
import {
  aborted,
  accepted,
  begins,
  beginsOn,
  brokenRule,
  call,
  cut,
  ends,
  event,
  facts,
  fails,
  gone,
  isLost,
  item,
  listening,
  listens,
  onClient,
  onServer,
  publish,
  quiet,
  ready,
  rest,
  resuming,
  session,
  settles,
  stops,
  subscribed,
  topic,
  yields,
} from './traces.ts'

const kept = { link: 1, served: 1, keptBytes: 0 }

const detached = (atMs = 0) => onServer({ what: 'detached', ...kept }, atMs)
const attached = (atMs = 0) => onServer({ what: 'attached', ...kept }, atMs)
const resumed = (atMs = 0) => session({ attempt: 2, isResumed: true, isFirst: false, atMs })
const isCut = [...ready, cut, detached(), isLost()]
const goesOn = [...isCut, attached(), resumed()]

const dead = [
  onServer({ what: 'kill' }),
  onServer({ what: 'start' }),
  onServer({ what: 'listen', server: 1 }),
]
/** The server was restarted: session 2 replaces session 1. */
const newSession = [isLost(), accepted(1, 2, 2), session({ attempt: 2, isFirst: false })]
const replaced = [...ready, ...dead, ...newSession]
/** The next session also has the events in the log of the host. */
const logging: Facts = { ...resuming, loggedEvent: 'news' }
const ageing: Facts = { ...resuming, connectionAgeMinMs: 100 }
const follow = call(1, 'server-stream', { resumes: true })
const gap = onClient({ what: 'gap', link: 1, topic })

it.each<[string, readonly Entry[]]>([
  ['a session that continues', [...goesOn, rest()]],
  [
    'a call that is answered after a cut',
    [...ready, call(1), cut, ...goesOn.slice(ready.length), begins(1), ends(1), settles(1), rest()],
  ],
  ['welcomes that are lost', [...isCut, attached(), detached(), attached(), resumed(), rest()]],
  ['a session that is replaced because its server was restarted', [...replaced, rest()]],
  [
    'a session whose window has expired on both sides',
    [
      ...isCut,
      gone('CONNECTION_LOST', 1_000),
      accepted(1, 2, 2, 1_500),
      session({ attempt: 2, isFirst: false, atMs: 1_500 }),
      rest(1_500),
    ],
  ],
  [
    'an idempotent call that is made again',
    [
      ...ready,
      call(1, 'unary', { isIdempotent: true }),
      begins(1),
      ...dead,
      ...newSession,
      beginsOn({ served: 2 }),
      onServer({ what: 'end', call: 1, served: 2, ending: { how: 'result', value: 7 } }),
      settles(1),
    ],
  ],
  [
    'a stream that continues after its last item',
    [
      ...ready,
      follow,
      begins(1),
      yields(0),
      item(0),
      ...dead,
      ...newSession,
      beginsOn({ served: 2, from: 1 }),
    ],
  ],
  [
    'events with a gap that was reported because the session was replaced',
    [...listening, publish(1), event(1), ...dead, ...newSession, gap, publish(2), event(2), rest()],
  ],
])('finds nothing wrong with %s', (_, entries) => {
  expect(brokenRule(entries, resuming)).toBeUndefined()
})

it.each<[string, readonly Entry[]]>([
  // Sessions.
  [
    'a session is replaced for a reason that there is',
    [...isCut, accepted(1, 2, 2), session({ attempt: 2, isFirst: false })],
  ],
  ['a session goes on when its server says so', [...isCut, resumed()]],
  ['a session goes on after it was lost', [...ready, cut, resumed()]],
  ['a session is lost and goes on in turns', [...ready, cut, attached()]],
  ['a session is lost and goes on in turns', [...isCut, detached()]],
  ['a connection is lost once', [...isCut, isLost()]],
  ['a connection ends for a reason that there is', [...ready, isLost()]],
  ['a connection ends for a reason that there is', [...ready, detached()]],
  ['a connection ends for a reason that there is', [...isCut, gone('CONNECTION_LOST', 500)]],
  [
    'a connection ends for a reason that there is',
    [...isCut, onClient({ what: 'closed', link: 1, code: 'CONNECTION_LOST' }, 500)],
  ],
  [
    'closed is last: no session begins',
    [...isCut, onClient({ what: 'closed', link: 1, code: 'CONNECTION_LOST' }, 5_000), resumed(5_000)],
  ],
  ['both sides learn that a session is over', [...ready, accepted(1, 2, 2), rest()]],
  ['everything settles once faults have stopped', [...isCut, attached(), rest()]],
  [
    'a server counts its connections in and out',
    [...goesOn, onServer({ what: 'restOfServer', server: 1, connections: 1, detached: 1 })],
  ],

  // Calls.
  [
    'a call fails for a reason that there is',
    [...ready, call(1), cut, ...goesOn.slice(ready.length), fails(1, 'UNAVAILABLE', true)],
  ],
  [
    'a handler is aborted for a reason that there is',
    [...ready, call(1), begins(1), cut, detached(), aborted],
  ],
  [
    'a handler runs at most once for a call',
    [...ready, call(1), begins(1), ...dead, ...newSession, beginsOn({ served: 2 })],
  ],
  [
    'a handler runs at most once for a call',
    [...ready, call(1, 'unary', { isIdempotent: true }), begins(1), ...goesOn.slice(ready.length), begins(1)],
  ],
  [
    'a call runs where it was sent',
    [
      ...replaced,
      call(1),
      onClient({ what: 'connect', link: 2, to: ['s'] }),
      accepted(2, 3),
      beginsOn({ served: 3 }),
    ],
  ],
  [
    'a stream goes on behind its last item',
    [...ready, follow, begins(1), yields(0), item(0), ...dead, ...newSession, beginsOn({ served: 2 })],
  ],
  [
    'a handler has no more time than its call has left',
    [
      ...ready,
      call(1, 'unary', { deadlineMs: 100 }),
      cut,
      detached(),
      isLost(),
      attached(50),
      resumed(50),
      beginsOn({ leftMs: 100 }, 50),
    ],
  ],
  [
    'a call without an answer runs unless its session is lost',
    [...ready, call(1, 'one-way'), settles(1, { how: 'sent' }), ...goesOn.slice(ready.length), rest()],
  ],

  // Events.
  [
    'no event is missing without a gap that says so',
    [...listening, ...dead, ...newSession, publish(1), event(1)],
  ],
  ['a client subscribes again by itself', [...listening, ...dead, ...newSession, rest()]],
  [
    'no event is lost while its session lives',
    [...listening, publish(1), ...goesOn.slice(ready.length), rest()],
  ],
  [
    'an event goes to those who are subscribed',
    [...ready, onClient({ what: 'listenTo', link: 1, topic, by: 'handlers' }), publish(1), event(1)],
  ],
])('finds what breaks the rule: %s', (rule, entries) => {
  expect(brokenRule(entries, resuming)).toBe(rule)
})

it('allows no session to be resumed if one side does not want that', () => {
  expect(brokenRule(goesOn, { ...facts, reconnects: true })).toBe(
    'a session goes on where both sides want it',
  )
})

it('expects logged events after a session was replaced, without a gap', () => {
  const again = [...listening, publish(1), event(1), ...dead, publish(2), ...newSession, publish(3)]
  expect(brokenRule([...again, event(2), event(3), rest()], logging)).toBeUndefined()
  expect(brokenRule([...again, gap, event(3), rest()], logging)).toBeUndefined()
  expect(brokenRule([...again, event(2), rest()], logging)).toBe('no event is lost while its session lives')
  expect(brokenRule([...again, event(3)], logging)).toBe('no event is missing without a gap that says so')
  expect(brokenRule([...again, event(1)], logging)).toBe('events come in order, each once')
  // The log still has these events, so a gap does not excuse missing ones.
  expect(brokenRule([...again, gap], { ...logging, loggedEventsMax: 1 })).toBeUndefined()
  expect(brokenRule([...again, gap], { ...logging, loggedEventsMax: 2 })).toBe(
    'a gap of what a log keeps says that it has lost some',
  )
  // Without a log, a gap must report that the session was replaced.
  expect(brokenRule([...again, event(2)], resuming)).toBe('no event is missing without a gap that says so')
})

it('allows a server to ask its client to leave a connection that has reached its age, and not before', () => {
  const left = [...ready, quiet(100), detached(100), gone('CLOSED', 100)]
  expect(brokenRule(left, ageing)).toBeUndefined()
  expect(brokenRule([...ready, quiet(98), detached(98)], ageing)).toBe(
    'a connection ends for a reason that there is',
  )
  expect(brokenRule([...ready, quiet(98), gone('CLOSED', 98)], ageing)).toBe(
    'a connection ends for a reason that there is',
  )
})

it('allows events of a stopped subscription to arrive after the next one has begun', () => {
  const before = [...listening, publish(1), publish(2), publish(3)]
  const after = [stops, listens, subscribed, event(1), event(3), publish(4)]
  expect(brokenRule([...before, ...after, event(4)], resuming)).toBeUndefined()
  expect(brokenRule([...before, ...after, publish(5), event(5)], resuming)).toBe(
    'no event is missing without a gap that says so',
  )
})
