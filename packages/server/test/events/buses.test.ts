import { contract, event, procedure } from '@frameport/protocol'
import {
  type BusEvent,
  type BusMember,
  type BusReceiver,
  type EventBus,
  implement,
  memoryEventBus,
  memoryEventLog,
  type ServerOptions,
} from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Joined, join, opened } from '../support/joined.ts'

const room = contract('room', {
  version: 1,
  procedures: { enter: procedure({ input: z.string() }) },
  events: {
    line: event(z.any(), { subscribe: 'clients', topic: z.string() }),
    news: event(z.any(), { topic: z.string() }),
  },
})
const { line, news } = room.events
const name = 'room@1/line'

const open = (eventBus: EventBus, options: Partial<ServerOptions<object>> = {}) =>
  opened(implement(room).handlers({ enter: ({ input, connection }) => connection.subscribe(news, input) }), {
    authorizeSubscribe: () => true,
    eventBus,
    ...options,
  } as never)

const seenBy = ({ seen }: Joined) =>
  seen.map((each) => ('gap' in each ? 'gap' : (each.body as { readonly value: unknown }).value))
const said = ({ lines }: ReturnType<typeof open>, level: string) =>
  lines.filter((each) => each.level === level)
const bodyOf = (value: unknown) => ({
  encoding: 'codec' as const,
  bytes: new TextEncoder().encode(JSON.stringify(value)),
})

/** A bus with the behaviour that the test gives. */
function bus(does: Partial<BusMember> = {}) {
  const published: BusEvent[] = []
  const listened: string[] = []
  const state = { receiver: undefined as unknown as BusReceiver, hasLeft: false }
  const eventBus: EventBus = {
    join: (receiver) => {
      state.receiver = receiver
      return {
        publish: (event) => void published.push(event),
        listen: ({ topic }) => void listened.push(`+${topic}`),
        ignore: ({ topic }) => void listened.push(`-${topic}`),
        leave: () => {
          state.hasLeft = true
        },
        ...does,
      }
    },
  }
  return { eventBus, published, listened, state }
}

describe('A bus between servers', () => {
  it('receives each event once, encoded once, with or without local subscribers', async () => {
    const { eventBus, published } = bus()
    const stage = open(eventBus, { validateOutputs: false })
    const client = await join(stage)
    await stage.until(client.subscribe(name, '"a"'))
    let encoded = 0
    const payload = { toJSON: () => `encoded ${++encoded}` }
    expect(stage.server.publish(line, 'a', payload).reached).toBe(1)
    expect(stage.server.publish(line, 'b', 'nobody').reached).toBe(0)
    await stage.settle()
    expect(seenBy(client)).toEqual(['encoded 1'])
    expect(published).toEqual([
      { event: name, topic: '"a"', body: bodyOf('encoded 1') },
      { event: name, topic: '"b"', body: bodyOf('nobody') },
    ])
  })

  it('delivers the events of other servers to subscribers only', async () => {
    const { eventBus, state, listened } = bus()
    const stage = open(eventBus)
    const client = await join(stage)
    await stage.until(client.subscribe(name, '"a"'))
    state.receiver.event({ event: name, topic: '"a"', body: bodyOf(1) })
    state.receiver.event({ event: name, topic: '"b"', body: bodyOf(2) })
    state.receiver.event({ event: 'unknown@1/line', topic: '"a"', body: bodyOf(3) })
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
    await stage.until(client.subscribe(name, '"a"', 'unsubscribe'))
    state.receiver.event({ event: name, topic: '"a"', body: bodyOf(4) })
    await stage.settle()
    expect([seenBy(client), listened]).toEqual([[1], ['+"a"', '-"a"']])
    expect(said(stage, 'error')).toEqual([])
  })

  it.each([
    undefined,
    null,
    5,
    {},
    { event: name, topic: '"a"' },
    { event: name, topic: '"a"', body: { bytes: 'no' } },
  ])('may deliver the invalid value %j without harm', async (rubbish) => {
    const { eventBus, state } = bus()
    const stage = open(eventBus)
    const client = await join(stage)
    await stage.until(client.subscribe(name, '"a"'))
    state.receiver.event(rubbish as never)
    state.receiver.event({ event: name, topic: '"a"', body: bodyOf(1) })
    await stage.settle()
    // If the value names a topic, its subscribers receive a gap.
    expect(seenBy(client).filter((each) => each !== 'gap')).toEqual([1])
  })

  it.each([
    { ...bodyOf(1), encoding: 'json' },
    { encoding: 'none', bytes: new Uint8Array(1) },
  ])('causes a gap if it delivers the body %j', async (body) => {
    const { eventBus, state } = bus()
    const stage = open(eventBus)
    const client = await join(stage)
    await stage.until(client.subscribe(name, '"a"'))
    state.receiver.event({ event: name, topic: '"a"', body: body as never })
    state.receiver.event({ event: name, topic: '"a"', body: bodyOf(2) })
    state.receiver.gap(null as never)
    await stage.settle()
    expect(seenBy(client)).toEqual(['gap', 2, 'gap'])
    expect(said(stage, 'error')).toHaveLength(1)
  })

  it('may reject in ignore, which is logged', async () => {
    const { eventBus } = bus({ ignore: async () => Promise.reject(new Error('away')) })
    const stage = open(eventBus)
    const client = await join(stage)
    await stage.until(client.subscribe(name, '"a"'))
    await stage.until(client.subscribe(name, '"a"', 'unsubscribe'))
    await stage.settle()
    expect(said(stage, 'error')).toHaveLength(1)
  })

  it('reports gaps of one topic and of all topics', async () => {
    const { eventBus, state } = bus()
    const stage = open(eventBus)
    const client = await join(stage)
    await stage.until(client.subscribe(name, '"a"'))
    state.receiver.gap({ event: name, topic: '"b"' })
    await stage.settle()
    expect(seenBy(client)).toEqual([])
    state.receiver.gap({ event: name, topic: '"a"' })
    state.receiver.event({ event: name, topic: '"a"', body: bodyOf(1) })
    state.receiver.gap()
    await stage.settle()
    expect(seenBy(client)).toEqual(['gap', 1, 'gap'])
  })

  it('confirms a subscription of a client or a handler after it listens', async () => {
    let listens: () => void = () => undefined
    const ready = new Promise<void>((resolve) => {
      listens = resolve
    })
    const { eventBus } = bus({ listen: () => ready })
    const stage = open(eventBus)
    const client = await join(stage)
    const settled: string[] = []
    const all = Promise.all([
      client.subscribe(name, '"a"').then(() => settled.push('subscribe')),
      client.call('room@1/enter', 'a').then(() => settled.push('enter')),
    ])
    await stage.settle()
    expect(settled).toEqual([])
    listens()
    await stage.until(all)
    expect(settled.sort()).toEqual(['enter', 'subscribe'])
  })

  it.each([
    [
      'throws',
      (): never => {
        throw new Error('away')
      },
    ],
    ['rejects', () => Promise.reject(new Error('away'))],
    ['never settles', () => new Promise<void>(() => undefined)],
  ])('whose listen %s does not prevent a subscription, and the server logs an error', async (_, listen) => {
    const { eventBus, state } = bus({ listen })
    const stage = open(eventBus)
    const client = await join(stage)
    await stage.until(client.subscribe(name, '"a"'))
    expect(said(stage, 'error').map(({ text }) => text)).toEqual([
      'the bus between servers fails: they do not receive events from each other',
    ])
    state.receiver.gap()
    await stage.settle()
    expect(seenBy(client)).toEqual(['gap'])
  })

  it.each([
    [
      'throws',
      (): never => {
        throw new Error('away')
      },
    ],
    ['rejects', () => Promise.reject(new Error('away'))],
    ['takes longer than busTimeoutMs', () => new Promise<void>(() => undefined)],
  ])(
    'whose publish %s: the publication fails with BUS_FAILED, and local subscribers receive the event',
    async (_, publish) => {
      const { eventBus } = bus({ publish })
      const stage = open(eventBus, { limits: { busTimeoutMs: 300 } })
      const client = await join(stage)
      await stage.until(client.subscribe(name, '"a"'))
      const published = stage.server.publish(line, 'a', 1)
      expect(published.reached).toBe(1)
      const failure = Promise.resolve(published).catch((error) => error)
      await stage.settle()
      expect(seenBy(client)).toEqual([1])
      expect(await stage.until(failure)).toMatchObject({ code: 'BUS_FAILED' })
      expect(stage.server.stats().events.bytesWaiting).toBe(0)
    },
  )

  it('causes one line in the log when it fails, and one when it works again', async () => {
    let isAway = true
    const { eventBus } = bus({
      publish: async () => {
        if (isAway) throw new Error('away')
      },
    })
    const stage = open(eventBus)
    for (let count = 0; count < 50; count++) stage.server.publish(line, 'a', count)
    await stage.settle()
    expect(said(stage, 'error')).toHaveLength(1)
    isAway = false
    await stage.until(Promise.resolve(stage.server.publish(line, 'a', 1)))
    expect(said(stage, 'info').map(({ text }) => text)).toContain('the bus between servers works again')
  })

  it('that does not accept events cannot make the server keep more than eventBytesWaitingMax', async () => {
    const { eventBus } = bus({ publish: () => new Promise<void>(() => undefined) })
    const stage = open(eventBus, { limits: { eventBytesWaitingMax: 3 * (256 + 102), busTimeoutMs: 1_000 } })
    const text = 'x'.repeat(100)
    const published = [1, 2, 3, 4, 5].map(() => stage.server.publish(line, 'a', text))
    expect(stage.server.stats().events.bytesWaiting).toBe(3 * (256 + 102))
    const failures = published.map((each) => Promise.resolve(each).catch((error: Error) => error.message))
    const texts = await stage.until(Promise.all(failures))
    expect(texts.map((each) => String(each).includes('eventBytesWaitingMax'))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
    expect(stage.server.stats().events.bytesWaiting).toBe(0)
  })

  it('is left when the server closes, and cannot delay that', async () => {
    const { eventBus, state } = bus()
    const stage = open(eventBus)
    await stage.until(stage.server.close())
    expect(state.hasLeft).toBe(true)
    const stuck = open(bus({ leave: () => new Promise<void>(() => undefined) }).eventBus)
    await stuck.until(stuck.server.close())
    state.receiver.event({ event: name, topic: '"a"', body: bodyOf(1) })
    state.receiver.gap()
  })

  it('is refused if it is invalid, or if a log cannot be shared by servers', () => {
    expect(() => open({} as never)).toThrow(/eventBus .*join/)
    expect(() => open({ join: () => ({}) } as never)).toThrow(/member/)
    expect(() => open({ join: async () => ({}) } as never)).toThrow(/returned a promise/)
    const throwing = () => {
      throw new Error('away')
    }
    expect(() => open({ join: throwing })).toThrow(expect.objectContaining({ code: 'BUS_FAILED' }))
    const { append, after } = memoryEventLog()
    const eventLogs = [{ log: { append, after }, events: [line] }]
    expect(() => open(memoryEventBus(), { eventLogs })).toThrow(/follow/)
  })

  it('within one thread does not deliver to the publisher or to members that have left', () => {
    const memory = memoryEventBus()
    const heard: string[] = []
    const [a, b, c] = ['a', 'b', 'c'].map((who) =>
      memory.join({ event: ({ topic }) => void heard.push(`${who} ${topic}`), gap: () => undefined }),
    )
    const topic = (text: string) => ({ event: name, topic: text })
    for (const member of [a, b, c]) void member!.listen(topic('x'))
    void a!.publish({ ...topic('x'), body: bodyOf(1) })
    void c!.ignore(topic('x'))
    void a!.publish({ ...topic('x'), body: bodyOf(1) })
    void b!.leave()
    void b!.leave()
    void a!.publish({ ...topic('x'), body: bodyOf(1) })
    expect(heard).toEqual(['b x', 'c x', 'b x'])
  })
})
