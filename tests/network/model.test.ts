import { expect, it } from 'vitest'
import { Model } from './model/model.ts'
import type { Entry } from './model/trace.ts'
import {
  aborted,
  accepted,
  at,
  begins,
  brokenRule,
  call,
  close,
  closed,
  closeSettled,
  cut,
  ends,
  event,
  facts,
  fails,
  giveEnd,
  gives,
  gone,
  item,
  listening,
  lost,
  onClient,
  onServer,
  opened,
  publish,
  quiet,
  ready,
  rest,
  settles,
  sourceLeft,
  started,
  stream,
  streamEnds,
  takeEnd,
  takes,
  topic,
  unary,
  upload,
  yields,
} from './traces.ts'

/** The announcement lasts 100 ms, and calls have 50 ms after that. */
const announced = onServer({ what: 'closeServer', server: 1, announceMs: 100, graceMs: 50 })
const suspendedWhileAnnounced = [
  ...ready,
  announced,
  onServer({ what: 'suspend' }, 50),
  onServer({ what: 'resume' }, 500),
]

it.each<[string, readonly Entry[]]>([
  ['a call that is answered', [...unary, rest()]],
  [
    'a call that fails with its connection',
    [...ready, call(1), begins(1), ...lost, aborted, fails(1, 'UNAVAILABLE', true)],
  ],
  ['a stream', [...stream, yields(0), item(0), ...streamEnds, rest()]],
  ['an upload', [...upload, gives(0), takes(0), giveEnd, sourceLeft, takeEnd, ends(1), settles(1), rest()]],
  [
    'a call without an answer',
    [...ready, call(1, 'one-way'), settles(1, { how: 'sent' }), begins(1), ends(1), rest()],
  ],
  ['events', [...listening, publish(1), publish(2), event(1), event(2), rest()]],
  [
    'events with a reported gap',
    [...listening, publish(1), publish(2), onClient({ what: 'gap', link: 1, topic }), event(2), rest()],
  ],
  [
    'a server that is closed before it reports that it listens',
    [
      onServer({ what: 'start' }),
      onClient({ what: 'start' }),
      onServer({ what: 'closeServer', server: 1, announceMs: 0, graceMs: 0 }),
      onServer({ what: 'listen', server: 1 }),
      onClient({ what: 'connect', link: 1, to: ['s'] }),
      closed('CONNECTION_LOST'),
    ],
  ],
  [
    'a link that takes the place of another one',
    [
      ...ready,
      ...lost,
      ...opened(2),
      rest(),
      onServer({ what: 'restOfServer', server: 1, connections: 1, detached: 0 }),
    ],
  ],
  [
    'a deadline that passes while the process does not run',
    [
      ...ready,
      call(1, 'unary', { deadlineMs: 10 }),
      onClient({ what: 'suspend' }),
      quiet(100),
      onClient({ what: 'resume' }, 100),
      fails(1, 'DEADLINE_EXCEEDED', true, 100),
    ],
  ],
  [
    'a close whose grace period passes while the process does not run',
    [
      ...ready,
      close,
      onClient({ what: 'suspend' }),
      quiet(500),
      onClient({ what: 'resume' }, 500),
      quiet(600),
      onClient({ what: 'closeSettled', link: 1 }, 600),
    ],
  ],
  [
    'a grace period that begins when a suspended process continues',
    [...suspendedWhileAnnounced, quiet(650), onServer({ what: 'closeServerSettled', server: 1 }, 650)],
  ],
  [
    'a stream whose deadline passes while nobody reads it',
    [
      ...ready,
      call(1, 'server-stream', { deadlineMs: 10 }),
      quiet(50),
      onClient({ what: 'ask', call: 1 }, 50),
      fails(1, 'DEADLINE_EXCEEDED', true, 50),
    ],
  ],
  [
    'a killed server, for which nothing is awaited',
    [
      ...ready,
      call(1),
      begins(1),
      onServer({ what: 'kill' }),
      closed('CONNECTION_LOST'),
      fails(1, 'UNAVAILABLE', true),
      rest(),
    ],
  ],
  ['an end in order', [...ready, close, closed('CLOSED'), gone('CLOSED'), closeSettled, rest()]],
])('finds nothing wrong with %s', (_, entries) => {
  expect(brokenRule(entries)).toBeUndefined()
})

it.each<[string, readonly Entry[]]>([
  ['only what was made is spoken of', [...ready, settles(1)]],
  ['only what was made is spoken of', [...ready, call(1), ends(1)]],
  ['a process that does not run says nothing', [...ready, onClient({ what: 'kill' }), call(1)]],
  ['a process that does not run says nothing', [...ready, onServer({ what: 'suspend' }), publish(1)]],
  [
    'a process that does not run says nothing',
    [...ready, call(1), onServer({ what: 'kill' }), onServer({ what: 'start' }), begins(1)],
  ],

  // Connections.
  ['a connection opens once', [...ready, onClient({ what: 'opened', link: 1 })]],
  ['a connection opens once', [...ready, accepted()]],
  [
    'a connection is told to its side',
    [...started, onClient({ what: 'connect', link: 1, to: ['s'] }), onServer({ what: 'opened', link: 1 })],
  ],
  [
    'a connection opens when its server has let it in',
    [...started, onClient({ what: 'connect', link: 1, to: ['s'] }), onClient({ what: 'opened', link: 1 })],
  ],
  [
    'a connection is made or given up in time',
    [...started, onClient({ what: 'connect', link: 1, to: ['s'] }), quiet(1_002)],
  ],
  ['a connection closes once', [...ready, ...lost, closed('CONNECTION_LOST')]],
  ['a connection closes once', [...ready, ...lost, gone('CONNECTION_LOST')]],
  ['a connection ends for a reason that there is', [...ready, closed('HEARTBEAT_TIMEOUT')]],
  ['a connection ends for a reason that there is', [...ready, gone('CLOSED')]],
  ['no side breaks the protocol', [...ready, cut, closed('PROTOCOL_VIOLATION')]],
  ['a close settles once', [...ready, close, closeSettled, closeSettled]],
  ['a close takes no longer than its grace', [...ready, close, quiet(152)]],
  [
    'a close takes no longer than its grace',
    [...ready, onServer({ what: 'closeServer', server: 1, announceMs: 0, graceMs: 50 }), quiet(152)],
  ],
  ['a close takes no longer than its grace', [...ready, announced, quiet(252)]],
  ['a close takes no longer than its grace', [...suspendedWhileAnnounced, quiet(652)]],
  ['both sides learn that a session is over', [...ready, cut, closed('CONNECTION_LOST'), rest()]],
  ['both sides learn that a session is over', [...ready, cut, gone('CONNECTION_LOST'), rest()]],
  [
    'a server counts its connections in and out',
    [...ready, ...lost, onServer({ what: 'restOfServer', server: 1, connections: 1, detached: 0 })],
  ],
  [
    'clients connect once faults have stopped',
    [...ready, ...lost, onClient({ what: 'restOf', link: 1, here: 0, there: 0 })],
  ],
  ['everything closes at the end', [...ready, at('world', { what: 'left', texts: [] })]],
])('finds what breaks the rule: %s', (rule, entries) => {
  expect(brokenRule(entries)).toBe(rule)
})

it('says whether everything is at rest, without breaking a rule', () => {
  const model = new Model(facts)
  for (const entry of [...ready, call(1)]) model.see(entry)
  expect(model.isAtRest).toBe(false)
  for (const entry of [begins(1), ends(1), settles(1)]) model.see(entry)
  expect(model.isAtRest).toBe(true)
  expect(model.violation).toBeUndefined()
})
