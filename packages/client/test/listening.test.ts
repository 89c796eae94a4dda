import { type ContractEvent, contract, event, procedure, RpcError } from '@frameport/protocol'
import type { LogPosition } from '@frameport/protocol/envelope'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EventListeners } from '../src/events/event-listeners.ts'
import { ListenedTopic } from '../src/events/listened-topic.ts'
import { ListenerSilence } from '../src/events/listener-silence.ts'
import { WireSubscriptions } from '../src/events/wire-subscriptions.ts'

const news = contract('news', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: {
    all: event(z.string()),
    room: event(z.string(), { topic: z.string() }),
    own: event(z.string(), { topic: z.string(), subscribe: 'clients' }),
    slow: event(
      z.string().refine(async () => true),
      { topic: z.string(), subscribe: 'clients' },
    ),
  },
})
const nothing = () => undefined
const of = (about: ContractEvent, topic: string) => new ListenedTopic(about, topic)

function listeners(eventsQueuedMax = 10) {
  const left: string[] = []
  const overflows: string[] = []
  const gaps: unknown[] = []
  const again: { name: string; topic: string; position: unknown; resolve(failure?: RpcError): void }[] = []
  const invalid: RpcError[] = []
  const settled = { times: 0 }
  const made = new EventListeners(news, {
    queuedMax: { events: eventsQueuedMax, bytes: 1_000 },
    onUncaught: nothing,
    onInvalidEvent: (error) => void invalid.push(error),
    onOverflow: (problem) => void overflows.push(problem),
    onGap: (gap) => void gaps.push(gap),
    silence: { listens: nothing, settle: () => void settled.times++ },
    outage: () => undefined,
    topics: {
      listens: async () => undefined,
      listensAgain: ({ event: { name }, topic, position }) =>
        new Promise((resolve) => again.push({ name, topic, position, resolve })),
      left: ({ event: { name }, topic }) => void left.push(`${name} ${topic}`),
    },
  })
  const receive = (name: string, topic: string, value: unknown = 'text', position?: LogPosition) =>
    made.receive({ event: `news@1/${name}`, topic, body: { kind: 'value', value }, position }, 4)
  return { made, left, gaps, again, overflows, invalid, settled, receive }
}

describe('a listener', () => {
  it('is asked for by name: the error says which is near, or lists them', () => {
    expect(() => listeners().made.add('al', [nothing])).toThrow(/^"al": did you mean all\? The contract/)
    expect(() => listeners().made.add('al', [nothing])).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_EVENT' }),
    )
    expect(() => listeners().made.add('bell', [nothing])).toThrow(
      /^"bell", where there is all, room, own, slow: /,
    )
    const none = contract('none', { version: 1, procedures: { ping: procedure({}) } })
    const made = new EventListeners(none, {} as never)
    expect(() => made.add('al', [nothing])).toThrow(/^"al", where there is none: /)
  })

  it('is told to give the name of an event where the event itself was given', () => {
    const { made } = listeners()
    const given = news.events.room as unknown as string
    expect(() => made.add(given, [{}, nothing])).toThrow(
      /^the event itself was given: give its name, \$on\('room', …\)/,
    )
    expect(() => made.add(5 as unknown as string, [nothing])).toThrow(
      /^5, where there is all, room, own, slow: /,
    )
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
  ])('that is %s is refused by name', (_, given) => {
    expect(() => listeners().made.add('all', [given])).toThrow(/^listener is .*, not a function/)
  })

  it('keeps its topic for as long as there is one, and ends alone', () => {
    const { made, left } = listeners()
    const first = made.add('room', ['a', nothing])
    const second = made.add('room', ['a', nothing])
    const other = made.add('room', ['b', nothing])
    expect([
      made.has('news@1/room', '"a"'),
      made.has('news@1/room', '"c"'),
      made.has('news@1/all', '"a"'),
    ]).toEqual([true, false, false])
    first()
    first()
    expect([left, made.has('news@1/room', '"a"')]).toEqual([[], true])
    second()
    expect([left, made.has('news@1/room', '"a"')]).toEqual([['news/room "a"'], false])
    const again = made.add('room', ['a', nothing])
    second()
    first()
    expect([left.length, made.has('news@1/room', '"a"')]).toEqual([1, true])
    again()
    other()
    expect(left).toEqual(['news/room "a"', 'news/room "a"', 'news/room "b"'])
  })

  it('is awaited with all others on its topic when each has asked for its answer, and when all have left', () => {
    const { made } = listeners()
    const areAwaited = () => made.areAwaited(news.eventEntries.get('room')!, '"a"')
    const [one, two] = [made.add('room', ['a', nothing]), made.add('room', ['a', nothing])]
    void one.subscribed
    expect(areAwaited()).toBe(false)
    void two.subscribed
    expect(areAwaited()).toBe(true)
    made.add('room', ['b', nothing])
    const three = made.add('room', ['a', nothing])
    for (const stop of [one, two, three]) stop()
    expect(areAwaited()).toBe(true)
  })

  it('shows what it can be asked for', () => {
    expect(Object.keys(listeners().made.add('all', [nothing]))).toEqual(['subscribed'])
  })

  it('that ends itself and another while it is called keeps the others', () => {
    const { made, receive } = listeners()
    const seen: string[] = []
    const first = made.add('all', [
      () => {
        seen.push('first')
        first()
        made.add('all', [() => void seen.push('added')])
      },
    ])
    made.add('all', [() => void seen.push('second')])
    receive('all', '')
    expect(seen).toEqual(['first', 'second'])
    receive('all', '')
    expect(seen).toEqual(['first', 'second', 'second', 'added'])
  })

  it('settles the silence of its client with each event that comes, also for one that nobody hears', () => {
    const { receive, settled } = listeners()
    receive('all', '')
    receive('unknown', '')
    expect(settled.times).toBe(2)
  })
})

describe('an event of nobody', () => {
  it('is not validated, and one that the contract does not have is nothing', () => {
    const { made, receive, invalid } = listeners()
    receive('all', '', 5)
    made.add('room', ['a', nothing])
    receive('room', '"b"', 5)
    receive('unknown', '', 5)
    expect(invalid).toEqual([])
    receive('room', '"a"', 5)
    expect(invalid).toHaveLength(1)
  })

  it('leaves no gap, and one that somebody hears does, with its topic', () => {
    const { made, gaps } = listeners()
    made.add('room', ['a', nothing])
    made.add('all', [nothing])
    made.gap({ event: 'news@1/room', topic: '"b"', events: 1 })
    made.gap({ event: 'news@1/own', topic: '"a"', events: 1 })
    made.gap({ event: 'news@1/unknown', topic: '', events: 1 })
    made.gap({ event: 'news@1/room', topic: '"a"', events: 2 })
    made.gap({ event: 'news@1/all', topic: '', events: 0 })
    expect(gaps).toEqual([
      { event: 'news/room', topic: 'a', events: 2 },
      { event: 'news/all', topic: undefined, events: 0 },
    ])
  })

  it('that the session could not take is told with its name and why', () => {
    const { made, invalid } = listeners()
    made.dropped({ event: 'news@1/all', topic: '', problem: 'it is too long' })
    expect(invalid).toMatchObject([
      { code: 'INTERNAL', message: 'an event news@1/all of the server was left out: it is too long' },
    ])
  })
})

describe('a session that has taken the place of another', () => {
  const lost = (name: string, topic?: string) => ({ event: `news/${name}`, topic, events: 0 })

  it('is asked for every topic that somebody listens to, once, whatever the number of listeners', () => {
    const { made, again } = listeners()
    made.add('own', ['a', nothing])
    made.add('own', ['a', nothing])
    made.add('room', ['b', nothing])
    made.add('own', ['left', nothing])()
    made.sessionReplaced()
    expect(again.map(({ name, topic }) => [name, topic])).toEqual([
      ['news/own', '"a"'],
      ['news/room', '"b"'],
    ])
  })

  it('leaves a gap of unknown length, once it sends the events of the topic', async () => {
    const { made, again, gaps, receive } = listeners()
    await made.add('own', ['a', nothing]).subscribed
    made.sessionReplaced()
    expect(gaps).toEqual([])
    again[0]?.resolve()
    await Promise.resolve()
    expect(gaps).toEqual([lost('own', 'a')])
    receive('own', '"a"')
    expect(gaps).toHaveLength(1)
  })

  it('leaves the gap in front of an event that comes before the answer, and none beside what the server says itself', async () => {
    const order: unknown[] = []
    const { made, again, gaps, receive } = listeners()
    made.add('own', ['a', () => void order.push(gaps.length)])
    await made.add('own', ['b', nothing]).subscribed
    made.sessionReplaced()
    receive('own', '"a"')
    made.gap({ event: 'news@1/own', topic: '"b"', events: 3 })
    for (const { resolve } of again) resolve()
    await Promise.resolve()
    expect([order, gaps]).toEqual([[1], [lost('own', 'a'), { ...lost('own', 'b'), events: 3 }]])
  })

  it('leaves no gap for a topic that the server before had not said yes to', async () => {
    const { made, again, gaps, receive } = listeners()
    made.add('own', ['a', nothing])
    made.sessionReplaced()
    again[0]?.resolve()
    await Promise.resolve()
    receive('own', '"a"')
    expect(gaps).toEqual([])
    made.sessionReplaced()
    again[1]?.resolve()
    await Promise.resolve()
    expect(gaps).toEqual([lost('own', 'a')])
  })

  it('leaves no gap for what it refuses, and what nobody listens to any more', async () => {
    const { made, again, gaps } = listeners()
    made.add('own', ['a', nothing])
    const stop = made.add('own', ['b', nothing])
    made.sessionReplaced()
    again[0]?.resolve(new RpcError('PERMISSION_DENIED', 'no'))
    stop()
    made.add('own', ['b', nothing])
    again[1]?.resolve()
    await Promise.resolve()
    expect(gaps).toEqual([])
  })
})

describe('the position of a topic', () => {
  const at = (number: number, log = 1) => ({ log: Uint8Array.of(log), number })

  it('is where a new session is asked to go on, which says itself what is missing', async () => {
    const { made, again, gaps, receive } = listeners()
    made.add('own', ['a', nothing])
    receive('own', '"a"', 'x', at(7))
    made.sessionReplaced()
    expect(again.map(({ position }) => position)).toEqual([at(7)])
    again[0]?.resolve()
    await Promise.resolve()
    receive('own', '"a"', 'x', at(9))
    expect(gaps).toEqual([])
    made.gap({ event: 'news@1/own', topic: '"a"', events: 0, position: at(2, 2) })
    made.sessionReplaced()
    expect([gaps.length, again.at(-1)?.position]).toEqual([1, at(2, 2)])
  })

  it('keeps out what comes twice, and nothing of another log, or without a position', () => {
    const { made, receive } = listeners()
    const heard: unknown[] = []
    made.add('own', ['a', (value: unknown) => heard.push(value)])
    made.add('own', ['b', (value: unknown) => heard.push(value)])
    for (const number of [5, 5, 4, 6]) receive('own', '"a"', `a${number}`, at(number))
    receive('own', '"b"', 'b1', at(1))
    receive('own', '"a"', 'other', at(3, 2))
    receive('own', '"a"', 'other again', at(3, 2))
    receive('own', '"a"', 'without')
    receive('own', '"a"', 'other 4', at(4, 2))
    expect(heard).toEqual(['a5', 'a6', 'b1', 'other', 'without', 'other 4'])
  })

  it('goes on with a gap, and never back', () => {
    const { made, again } = listeners()
    made.add('own', ['a', nothing])
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3, position: at(9) })
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3, position: at(4) })
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3 })
    made.sessionReplaced()
    expect(again[0]?.position).toEqual(at(9))
  })

  it('does not go on with an event that could not wait, so that it comes again', () => {
    const { made, again, receive, overflows } = listeners(1)
    made.add('slow', ['a', nothing])
    receive('slow', '"a"', 'x', at(1))
    receive('slow', '"a"', 'x', at(2))
    made.sessionReplaced()
    expect([overflows.length, again[0]?.position]).toEqual([1, at(1)])
  })

  it('of an event of handlers is for nobody to ask for: what was missed is a gap', async () => {
    const { made, again, gaps, receive } = listeners()
    made.add('room', ['a', nothing])
    receive('room', '"a"', 'x', at(1))
    made.sessionReplaced()
    again[0]?.resolve()
    await Promise.resolve()
    expect(gaps).toHaveLength(1)
  })
})

describe('a subscription over the wire', () => {
  function wire() {
    const asked: {
      readonly kind: string
      readonly topic: string
      readonly of: number
      readonly position: LogPosition | undefined
      settle(error?: RpcError, begin?: LogPosition): void
    }[] = []
    const refused: unknown[] = []
    const sessions: { state: string }[] = []
    const replace = () => {
      const of = sessions.length
      sessions.push({
        state: 'open',
        changeSubscription(
          { kind, topic, position }: { kind: string; topic: string; position?: LogPosition },
          settle: (error?: RpcError, begin?: LogPosition) => void,
        ) {
          asked.push({ kind, topic, position, of, settle })
        },
      } as { state: string })
    }
    replace()
    const made = new WireSubscriptions(
      () => sessions.at(-1) as never,
      (_event, error, tell) => tell(error),
      (_event, topic, error) => void refused.push([topic, error.code]),
    )
    return {
      made,
      asked,
      refused,
      sessions,
      replace,
      own: news.eventEntries.get('own')!,
      all: news.eventEntries.get('all')!,
    }
  }

  it('is made once for a topic, and given back once, and not at all for events of handlers', async () => {
    const { made, asked, own, all } = wire()
    await made.listens(of(all, ''))
    made.left(of(all, ''))
    const one = made.listens(of(own, 'a'))
    const two = made.listens(of(own, 'a'))
    expect(two).toBe(one)
    made.listens(of(own, 'b'))
    asked[0]?.settle()
    await one
    made.left(of(own, 'a'))
    made.left(of(own, 'a'))
    expect(asked.map(({ kind, topic }) => [kind, topic])).toEqual([
      ['subscribe', 'a'],
      ['subscribe', 'b'],
      ['unsubscribe', 'a'],
    ])
  })

  it('that was refused is told, and asked for again by the next listener; an older refusal does not end a newer one', async () => {
    const { made, asked, refused, own } = wire()
    const first = made.listens(of(own, 'a'))
    made.left(of(own, 'a'))
    const second = made.listens(of(own, 'a'))
    asked[0]?.settle(new RpcError('PERMISSION_DENIED', 'no'))
    expect(await first).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(made.listens(of(own, 'a'))).toBe(second)
    asked[2]?.settle(new RpcError('UNAVAILABLE', 'gone'))
    expect(await second).toMatchObject({ code: 'UNAVAILABLE' })
    expect(made.listens(of(own, 'a'))).not.toBe(second)
    expect(refused).toEqual([
      ['a', 'PERMISSION_DENIED'],
      ['a', 'UNAVAILABLE'],
    ])
  })

  it('is asked of another session, whose answer counts for those who wait for the one before', async () => {
    const { made, asked, refused, sessions, replace, own } = wire()
    const first = made.listens(of(own, 'a'))
    replace()
    const again = made.listensAgain(of(own, 'a'))
    expect([again === first, asked.map(({ of }) => of)]).toEqual([true, [0, 1]])
    sessions[0]!.state = 'closed'
    asked[0]?.settle(new RpcError('UNAVAILABLE', 'gone'))
    asked[1]?.settle()
    expect([await first, refused]).toEqual([undefined, []])
  })

  it('is asked of another session whatever the one before has said, and its refusal is told', async () => {
    const { made, asked, refused, replace, own, all } = wire()
    const [granted, denied] = [made.listens(of(own, 'a')), made.listens(of(own, 'b'))]
    asked[0]?.settle()
    asked[1]?.settle(new RpcError('PERMISSION_DENIED', 'no'))
    await Promise.all([granted, denied])
    replace()
    const again = [made.listensAgain(of(own, 'a')), made.listensAgain(of(own, 'b'))]
    expect(await made.listensAgain(of(all, ''))).toBeUndefined()
    expect([asked.length, made.listens(of(own, 'a')) === again[0]]).toEqual([4, true])
    asked[2]?.settle(new RpcError('PERMISSION_DENIED', 'not here'))
    asked[3]?.settle()
    expect(await Promise.all(again)).toMatchObject([{ code: 'PERMISSION_DENIED' }, undefined])
    expect(refused).toEqual([
      ['b', 'PERMISSION_DENIED'],
      ['a', 'PERMISSION_DENIED'],
    ])
  })

  it('is asked for from the position of its topic, and gives it one where that has none', async () => {
    const { made, asked, replace, own } = wire()
    const at = (number: number) => ({ log: Uint8Array.of(1), number })
    const topic = of(own, 'a')
    const first = made.listens(topic)
    asked[0]?.settle(undefined, at(4))
    await first
    expect([asked[0]?.position, topic.position]).toEqual([undefined, at(4)])
    replace()
    void made.listensAgain(topic)
    asked[1]?.settle(undefined, at(9))
    expect([asked[1]?.position, topic.position]).toEqual([at(4), at(4)])
  })

  it('that failed because its session has ended was not refused', async () => {
    const { made, asked, refused, sessions, own } = wire()
    const first = made.listens(of(own, 'a'))
    sessions[0]!.state = 'closed'
    asked[0]?.settle(new RpcError('UNAVAILABLE', 'gone'))
    expect([(await first)?.code, refused]).toEqual(['UNAVAILABLE', []])
  })

  it('that failed because its session has ended waits for the next one, which is asked once', async () => {
    const { made, asked, refused, sessions, replace, own } = wire()
    const topic = of(own, 'a')
    const first = made.listens(topic)
    replace()
    sessions[0]!.state = 'closed'
    asked[0]?.settle(new RpcError('UNAVAILABLE', 'gone'))
    const again = made.listensAgain(topic)
    expect(asked).toHaveLength(2)
    asked[1]?.settle()
    expect(await Promise.all([first, again])).toEqual([undefined, undefined])
    expect(refused).toEqual([])
  })
})

describe('the silence of a client', () => {
  function silence() {
    const timers: { readonly ms: number; cancelled: boolean; fire(): void }[] = []
    const told: string[] = []
    const environment = {
      nowMs: () => 0,
      random: () => 0,
      setTimer(ms: number, fire: () => void) {
        const timer = { ms, fire, cancelled: false }
        timers.push(timer)
        const cancel = () => {
          timer.cancelled = true
        }
        return { cancel }
      },
    }
    const made = new ListenerSilence(environment, 50, (name) => void told.push(name))
    return { made, timers, told, listen: (name: string) => made.listens(news.eventEntries.get(name)!) }
  }

  it('is told once, with the first event of handlers that it listens to', () => {
    const { timers, told, listen } = silence()
    listen('own')
    expect(timers).toEqual([])
    listen('room')
    listen('all')
    expect(timers.map(({ ms }) => ms)).toEqual([50])
    timers[0]?.fire()
    listen('all')
    expect([told, timers.length]).toEqual([['news/room'], 1])
  })

  it('ends with the first call or event, before it listens or after, and its timer once', () => {
    const before = silence()
    before.made.settle()
    before.listen('all')
    expect(before.timers).toEqual([])
    const after = silence()
    after.listen('all')
    after.made.settle()
    expect(after.timers[0]?.cancelled).toBe(true)
    if (after.timers[0] !== undefined) after.timers[0].cancelled = false
    after.made.settle()
    after.listen('all')
    expect([after.timers.length, after.timers[0]?.cancelled]).toEqual([1, false])
  })

  it('that was told leaves no timer to be cancelled', () => {
    const { made, timers, listen } = silence()
    listen('all')
    timers[0]?.fire()
    made.settle()
    expect(timers[0]?.cancelled).toBe(false)
  })
})
