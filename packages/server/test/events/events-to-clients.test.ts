import { bytes, contract, event, procedure } from '@frameport/protocol'
import { implement, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf, type Joined, join, opened } from '../support/joined.ts'

const room = contract('room', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: {
    line: event(z.string(), { topic: z.string() }),
    news: event(z.string(), { subscribe: 'clients', topic: z.string() }),
    anything: event(z.any()),
    chunk: event(bytes()),
  },
})
const { line, anything, chunk } = room.events
const open = (options: Partial<ServerOptions<object>> = {}) =>
  opened(implement(room).handlers({ ping: () => undefined }), {
    authorizeSubscribe: () => true,
    ...options,
  } as never)

describe('A published event', () => {
  it('reaches subscribers that read, waits for one that does not, and is left out where there is no room', async () => {
    const stage = open({ limits: { slowSubscriberBytesMax: 400 } })
    const clients: Joined[] = []
    for (let index = 0; index < 2; index++) {
      const client = await join(stage)
      client.connection.subscribe(line, 'a')
      clients.push(client)
    }
    const publish = (text: string) => {
      const { reached, waiting, leftOut } = stage.server.publish(line, 'a', text)
      return { reached, waiting, leftOut }
    }
    expect(publish('1')).toEqual({ reached: 2, waiting: 0, leftOut: 0 })
    clients[1]!.channel.isFull = true
    expect(publish('2')).toEqual({ reached: 2, waiting: 0, leftOut: 0 })
    expect(publish('3')).toEqual({ reached: 2, waiting: 1, leftOut: 0 })
    expect(publish('4')).toEqual({ reached: 1, waiting: 0, leftOut: 1 })
    await stage.settle()
    expect(clients.map(({ events }) => events.length)).toEqual([4, 2])
  })

  it('does not reach a closing connection', async () => {
    const stage = open()
    const { connection } = await join(stage)
    connection.subscribe(line, 'a')
    const closing = connection.close({ graceMs: 0 })
    expect(stage.server.publish(line, 'a', 'x')).toMatchObject({ reached: 0, waiting: 0, leftOut: 0 })
    await stage.until(closing)
  })

  it('is left out for a subscriber with a smaller limit, which is logged, and reaches the others', async () => {
    const stage = open()
    const small = await join(stage, { limits: { bodyBytesMax: 100 } })
    const other = await join(stage)
    for (const { connection } of [small, other]) connection.subscribe(line, 'a')
    expect(stage.server.publish(line, 'a', 'x'.repeat(200))).toMatchObject({ reached: 1, leftOut: 1 })
    expect(stage.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      {
        facts: { connection: 'c1', event: 'room@1/line', err: { code: 'RESOURCE_EXHAUSTED' } },
        text: 'an event is too large for a subscriber and was not sent to it',
      },
    ])
    await stage.settle()
    expect([small.events.length, other.events.length]).toEqual([0, 1])
  })

  it.each<[string, (publish: ReturnType<typeof open>['server']['publish']) => unknown]>([
    ['a string in place of bytes', (publish) => publish(chunk, 'x' as never)],
    ['a value that JSON cannot carry', (publish) => publish(anything, 1n)],
  ])('must have a form on the wire, in contrast to %s', async (_, publish) => {
    const stage = open({ validateOutputs: false })
    const { connection } = await join(stage)
    connection.subscribe(anything)
    connection.subscribe(chunk)
    expect(() => publish(stage.server.publish.bind(stage.server))).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'INVALID_BODY' }),
    )
  })
})

describe('A connection', () => {
  it('does not emit to a topic that does not match its schema, unless validateOutputs is false', async () => {
    const checked = await join(open())
    const emit = ({ connection }: Joined) => connection.emit(line, 5 as never, 'x')
    expect(() => emit(checked)).toThrow(expect.objectContaining({ code: 'INVALID_TOPIC' }))
    const stage = open({ validateOutputs: false })
    const unchecked = await join(stage)
    emit(unchecked)
    await stage.settle()
    expect(unchecked.events).toMatchObject([{ topic: '5', body: { value: 'x' } }])
  })

  it('has no subscriptions after it is closed', async () => {
    const stage = open()
    const { connection } = await join(stage)
    const closing = connection.close({ graceMs: 0 })
    connection.subscribe(line, 'a')
    expect([connection.subscriptions, stage.server.stats().topics]).toEqual([0, 0])
    await stage.until(closing)
  })

  it('has as many subscriptions as its memory allows, and as many again after they are removed', async () => {
    const stage = open({ limits: { frameBytesMax: 65_536, memoryBytesMax: 524_288 } })
    const { connection } = await join(stage)
    const topics = Array.from({ length: 200 }, (_, index) => `${index}`.padEnd(2_000, 'x'))
    const subscribed = () => {
      let count = 0
      try {
        for (const topic of topics) {
          connection.subscribe(line, topic)
          count++
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
      }
      for (const topic of topics.slice(0, count)) connection.unsubscribe(line, topic)
      return count
    }
    const first = subscribed()
    expect(first).toBeGreaterThan(50)
    expect(first).toBeLessThan(150)
    expect(subscribed()).toBe(first)
  })
})

describe('A client that subscribes to events', () => {
  it('receives an answer, and refused subscriptions do not count against its limit', async () => {
    const stage = open({
      limits: { subscriptionsPerConnectionMax: 1 },
      authorizeSubscribe: ({ topic }) => topic === 'open',
    })
    const client = await join(stage)
    for (let index = 0; index < 3; index++) {
      const refused = client.subscribe('room@1/news', `"secret ${index}"`)
      expect((await failureOf(refused)).code).toBe('PERMISSION_DENIED')
    }
    await client.subscribe('room@1/news', '"open"')
    expect(stage.server.publish(room.events.news, 'open', 'x').reached).toBe(1)
    await client.subscribe('room@1/news', '"open"', 'unsubscribe')
    expect(stage.server.publish(room.events.news, 'open', 'x').reached).toBe(0)
  })
})
