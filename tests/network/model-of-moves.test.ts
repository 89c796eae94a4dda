import { describe, expect, it } from 'vitest'
import type { Act, Entry, Facts } from './model/trace.ts'
import {
  aborted,
  accepted,
  at,
  begins,
  brokenRule,
  call,
  closed,
  cut,
  event,
  fails,
  gone,
  isLost,
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
  started,
  subscribed,
  topic,
} from './traces.ts'

const killed = onServer({ what: 'kill' })

describe('For a client with several addresses, the model', () => {
  const several: Facts = { ...resuming, clockRates: { c: 1, s: 1, t: 1 } }
  const onOther = (act: Act): Entry => at('t', act)
  const connects = onClient({ what: 'connect', link: 1, to: ['s', 't'] })
  const bothListen = [...started, onOther({ what: 'start' }), onOther({ what: 'listen', server: 2 })]
  const otherAccepts = onOther({ what: 'accepted', link: 1, served: 2, server: 2, attempt: 2 })
  const goesOnThere = [otherAccepts, session({ to: 't', attempt: 2, isFirst: false })]
  const atFirst = [...bothListen, connects, accepted(), session(), onClient({ what: 'opened', link: 1 })]
  const moved = [...atFirst, killed, isLost(), ...goesOnThere]

  it.each<[string, readonly Entry[], Facts]>([
    ['that continues at another server', [...moved, rest()], several],
    [
      'whose call was lost with a killed server',
      [
        ...atFirst,
        call(1),
        begins(1),
        killed,
        isLost(),
        fails(1, 'UNAVAILABLE', true),
        ...goesOnThere,
        rest(),
      ],
      several,
    ],
    [
      'that another server accepted within the window of its session',
      [...atFirst, cut, isLost(), ...goesOnThere],
      several,
    ],
    [
      'that is refused by one server, and then by the other',
      [...bothListen, killed, connects, call(1), closed('HELLO_REFUSED'), fails(1, 'UNAUTHENTICATED', false)],
      { ...several, lettingNobodyIn: ['t'] },
    ],
  ])('finds nothing wrong with one %s', (_, entries, given) => {
    expect(brokenRule(entries, given)).toBeUndefined()
  })

  it.each<[string, readonly Entry[], Facts?]>([
    [
      'a connection ends for a reason that there is',
      [...bothListen, killed, connects, closed('CONNECTION_LOST')],
    ],
    [
      'a connection ends for a reason that there is',
      [...bothListen, connects, closed('HELLO_REFUSED')],
      { ...several, lettingNobodyIn: ['s'] },
    ],
    [
      'a connection ends for a reason that there is',
      [...atFirst, onClient({ what: 'cut', other: 't', how: 'reset' }), isLost()],
    ],
    [
      'a connection ends for a reason that there is',
      [...atFirst, killed, isLost(), closed('HELLO_REFUSED')],
      { ...several, lettingNobodyIn: ['t'] },
    ],
    [
      'a connection is told to its side',
      [
        ...started,
        onOther({ what: 'start' }),
        onClient({ what: 'connect', link: 1, to: ['s'] }),
        otherAccepts,
      ],
    ],
    [
      'a connection opens when its server has let it in',
      [...bothListen, connects, accepted(), session({ to: 't' })],
    ],
    ['a session is replaced for a reason that there is', [...atFirst, ...goesOnThere]],
    ['everything settles once faults have stopped', [...atFirst, killed, isLost(), rest()]],
    ['both sides learn that a session is over', [...atFirst, cut, isLost(), ...goesOnThere, rest()]],
    [
      'a call fails for a reason that there is',
      [...atFirst, call(1), onOther({ what: 'kill' }), fails(1, 'UNAVAILABLE', true)],
    ],
    ['a call fails for a reason that there is', [...moved, call(1), fails(1, 'UNAUTHENTICATED', false)]],
    [
      'a call runs where it was sent',
      [
        ...atFirst,
        call(1),
        onOther({ what: 'begin', call: 1, link: 1, served: 1, input: '', from: 0, leftMs: 0 }),
      ],
    ],
  ])('finds what breaks the rule: %s', (rule, entries, given = several) => {
    expect(brokenRule(entries, given)).toBe(rule)
  })

  it('expects that servers of one log send their own events to their subscribers, and older events to clients that arrive', () => {
    const logging: Facts = { ...several, loggedEvent: 'news', logIsShared: true }
    const byOther = (number: number) => onOther({ what: 'publish', server: 2, topic, number })
    const before = [...atFirst, listens, subscribed, publish(1), event(1), byOther(2)]
    expect(brokenRule([...before, publish(3), event(3), rest()], logging)).toBeUndefined()
    expect(brokenRule([...before, rest()], logging)).toBeUndefined()
    expect(brokenRule([...before, publish(3), rest()], logging)).toBe(
      'no event is lost while its session lives',
    )
    const after = [...before, killed, isLost(), ...goesOnThere, byOther(3)]
    expect(brokenRule([...after, event(2), event(3), rest()], logging)).toBeUndefined()
    expect(brokenRule([...after, event(3)], logging)).toBe('no event is missing without a gap that says so')
    expect(brokenRule([...after, event(2), rest()], logging)).toBe('no event is lost while its session lives')
  })
})

describe('For a connection with a maximum age, the model', () => {
  const ageing: Facts = {
    ...resuming,
    connectionAgeMinMs: 100,
    connectionAgeMaxMs: 120,
    agedGraceMs: 50,
    connectionLeavesMs: 80,
  }
  const moves = [accepted(1, 2, 2, 105), session({ attempt: 2, isFirst: false, atMs: 105 })]
  const runs = [...ready, call(1), begins(1)]
  const lost = (atMs: number) => onClient({ what: 'lost', link: 1, keptBytes: 0 }, atMs)

  it.each<[string, readonly Entry[], Facts]>([
    ['ends at its age', [...ready, quiet(100), gone('CLOSED', 200), quiet(300)], ageing],
    [
      'has a call that takes longer than the grace period',
      [...runs, quiet(152), fails(1, 'UNAVAILABLE', true, 152)],
      ageing,
    ],
    [
      'is cut while it waits for a call',
      [...runs, quiet(105), cut, fails(1, 'UNAVAILABLE', true, 105)],
      ageing,
    ],
    [
      'has a client that is still moving to the next connection when all faults have stopped',
      [...ready, quiet(100), gone('CLOSED', 150), lost(150), rest(199)],
      { ...ageing, clientMovesMs: 50 },
    ],
    [
      'has a client that does not connect again',
      [...runs, quiet(105), fails(1, 'UNAVAILABLE', true, 105)],
      { ...ageing, reconnects: false },
    ],
  ])('finds nothing wrong with one that %s', (_, entries, given) => {
    expect(brokenRule(entries, given)).toBeUndefined()
  })

  it('expects that the client replaces it in time', () => {
    const goes = [...ready, quiet(100), gone('CLOSED', 150), lost(150), rest(200)]
    expect(brokenRule(goes, { ...ageing, clientMovesMs: 50 })).toBe(
      'everything settles once faults have stopped',
    )
  })

  it.each<[string, readonly Entry[]]>([
    ['a connection ends at its age', [...ready, quiet(202)]],
    ['a call fails for a reason that there is', [...runs, quiet(110), fails(1, 'UNAVAILABLE', true, 110)]],
    ['a call fails for a reason that there is', [...runs, ...moves, fails(1, 'UNAVAILABLE', true, 110)]],
    [
      'a call fails for a reason that there is',
      [...runs, ...moves, gone('CLOSED', 110), fails(1, 'UNAVAILABLE', true, 110)],
    ],
    ['a handler is aborted for a reason that there is', [...runs, ...moves, { ...aborted, atMs: 110 }]],
    [
      'a call without an answer runs unless its session is lost',
      [...ready, call(1, 'one-way'), settles(1, { how: 'sent' }), ...moves, gone('CLOSED', 110), rest(110)],
    ],
  ])('finds what breaks the rule: %s', (rule, entries) => {
    expect(brokenRule(entries, ageing)).toBe(rule)
  })
})
