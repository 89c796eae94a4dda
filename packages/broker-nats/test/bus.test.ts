import { expect, test } from 'vitest'
import { describeWithNats } from '../../../tests/support/nats-server.ts'
import { until } from '../../../tests/support/until.ts'
import { NatsBrokerError } from '../src/index.ts'
import { cellar, eventOf, Heard, lobby } from './support/events.ts'
import { connection, natsServer } from './support/opened.ts'

describeWithNats('a bus over NATS', () => {
  test('carries the events of a topic to the other servers, in order, and not to their publisher', async () => {
    const server = await natsServer()
    const [one, other] = [await connection(server), await connection(server)]
    const [own, heard] = [new Heard(), new Heard()]
    const [publisher, listener] = [one.bus.join(own), other.bus.join(heard)]
    await publisher.listen(lobby)
    await listener.listen(lobby)
    const published = Array.from({ length: 2_000 }, (_, index) => `line ${index}`)
    await Promise.all(published.map((line) => publisher.publish(eventOf(lobby, line))))
    await until(() => heard.all.length >= published.length)
    expect(heard.all).toEqual(published)
    expect(heard.topics[0]).toEqual(lobby)
    expect(own.all).toEqual([])
  })

  test('carries no events of topics that a server does not, or no longer, listen to', async () => {
    const server = await natsServer()
    const heard = new Heard()
    const publisher = (await connection(server)).bus.join(new Heard())
    const listener = (await connection(server)).bus.join(heard)
    await listener.listen(lobby)
    await publisher.publish(eventOf(cellar, 'unheard'))
    await publisher.publish(eventOf(lobby, 'heard'))
    await until(() => heard.all.length > 0)
    listener.ignore(lobby)
    listener.ignore(lobby)
    await listener.listen(cellar)
    await publisher.publish(eventOf(lobby, 'too late'))
    await publisher.publish(eventOf(cellar, 'last'))
    await until(() => heard.all.length > 1)
    expect(heard.all).toEqual(['heard', 'last'])
  })

  test('carries events between the servers of one connection', async () => {
    const { bus } = await connection(await natsServer())
    const [one, two] = [new Heard(), new Heard()]
    const [publisher, listener] = [bus.join(one), bus.join(two)]
    await publisher.listen(lobby)
    await listener.listen(lobby)
    await publisher.publish(eventOf(lobby, 'hello'))
    expect(two.all).toEqual(['hello'])
    expect(one.all).toEqual([])
    await publisher.leave()
    await listener.publish(eventOf(lobby, 'is anybody there?'))
    expect(one.all).toEqual([])
  })

  test.each([
    ['without a topic', { event: 'chat@1/line', topic: '' }],
    ['of characters that mean something to NATS', { event: 'a.b*c> d\r\n', topic: '{"room":"*.> \\r\\n"}' }],
    ['of other scripts', { event: 'gespräch@1/zeile', topic: '{"room":"大厅 🚪"}' }],
    ['of 32 KiB', { event: 'chat@1/line', topic: JSON.stringify({ room: 'x'.repeat(32_768) }) }],
    ['with a name of 4 KiB', { event: `chat@1/${'y'.repeat(4_096)}`, topic: '{}' }],
    ['without anything', { event: '', topic: '' }],
  ])('carries a topic %s', async (_, topic) => {
    const server = await natsServer()
    const heard = new Heard()
    const listener = (await connection(server)).bus.join(heard)
    const publisher = (await connection(server)).bus.join(new Heard())
    await listener.listen(topic)
    await publisher.publish(eventOf(topic, 'strange'))
    await until(() => heard.all.length > 0)
    expect(heard.all).toEqual(['strange'])
    expect(heard.topics).toEqual([topic])
  })

  test.each(['none', 'codec', 'raw'] as const)('carries a body that is %s', async (encoding) => {
    const server = await natsServer()
    const bodies: unknown[] = []
    const receiver = { event: ({ body }: { body: unknown }) => bodies.push(body), gap: () => undefined }
    const listener = (await connection(server)).bus.join(receiver)
    const publisher = (await connection(server)).bus.join(new Heard())
    await listener.listen(lobby)
    const body = { encoding, bytes: new Uint8Array(encoding === 'none' ? [] : [0, 255, 7]) }
    await publisher.publish({ ...lobby, body })
    await until(() => bodies.length > 0)
    expect(bodies).toEqual([body])
  })

  test('carries an event of the maximum message length, and refuses a longer one', async () => {
    const server = await natsServer('max_payload: 65536')
    const heard = new Heard()
    const listener = (await connection(server)).bus.join(heard)
    const publisher = (await connection(server)).bus.join(new Heard())
    await listener.listen(lobby)
    const room = 65_536 - 10 - lobby.event.length - lobby.topic.length
    await publisher.publish(eventOf(lobby, 'x'.repeat(room)))
    await until(() => heard.events.length > 0)
    for (const length of [room + 1, room * 100]) {
      const refused = await Promise.resolve(publisher.publish(eventOf(lobby, 'x'.repeat(length)))).catch(
        (error: unknown) => error,
      )
      expect(refused).toMatchObject({ code: 'EVENT_TOO_LONG' })
      expect(NatsBrokerError.is(refused)).toBe(true)
      expect((refused as Error).message).toContain('max_payload')
    }
    // The other servers get a gap for the refused events.
    await until(() => heard.gaps.length > 0)
    expect(heard.all[0]).toHaveLength(room)
  })

  test('refuses calls of a server that has left, and calls after the connection was closed', async () => {
    const server = await natsServer()
    const broker = await connection(server)
    const member = broker.bus.join(new Heard())
    const stays = broker.bus.join(new Heard())
    await member.leave()
    await member.leave()
    await expect(member.publish(eventOf(lobby, 'x'))).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(member.listen(lobby)).rejects.toMatchObject({ code: 'CLOSED' })
    await broker.close()
    await broker.close()
    expect(broker.state).toBe('closed')
    await expect(stays.publish(eventOf(lobby, 'x'))).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(stays.listen(lobby)).rejects.toMatchObject({ code: 'CLOSED' })
    stays.ignore(lobby)
    await stays.leave()
    await expect(broker.log()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('sends published events before it is closed', async () => {
    const server = await natsServer()
    const heard = new Heard()
    const listener = (await connection(server)).bus.join(heard)
    await listener.listen(lobby)
    const leaving = await connection(server)
    const publisher = leaving.bus.join(new Heard())
    const published = publisher.publish(eventOf(lobby, 'goodbye'))
    await leaving.close()
    await published
    await until(() => heard.all.length > 0)
    expect(heard.all).toEqual(['goodbye'])
  })

  test('reports that a user may not publish or listen to a topic, and continues with the others', async () => {
    const server = await natsServer(
      'authorization { users: [ { user: ada, password: secret, permissions: { publish: { deny: ["frameport.bus.topic.shut@1/x.*"] }, subscribe: { deny: ["frameport.bus.topic.shut@1/x.*"] } } } ] }',
    )
    const broker = await connection(server, { connection: { user: 'ada', pass: 'secret' } })
    const other = await connection(server, { connection: { user: 'ada', pass: 'secret' } })
    const heard = new Heard()
    const [publisher, listener] = [broker.bus.join(new Heard()), other.bus.join(heard)]
    const shut = { event: 'shut@1/x', topic: '' }
    await expect(listener.listen(shut)).rejects.toMatchObject({ code: 'NOT_ALLOWED' })
    await listener.listen(lobby)
    const results = await Promise.allSettled([
      publisher.publish(eventOf(lobby, 'one')),
      publisher.publish(eventOf(shut, 'two')),
      publisher.publish(eventOf(lobby, 'three')),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'NOT_ALLOWED' } })
    await until(() => heard.events.length > 1)
    expect(heard.events).toEqual(['one', 'three'])
  })

  test('treats an unreadable message as a gap of its topic', async () => {
    const server = await natsServer()
    const heard = new Heard()
    const listener = (await connection(server)).bus.join(heard)
    await listener.listen(lobby)
    const { connect } = await import('@nats-io/transport-node')
    const stranger = await connect({ servers: server.url })
    const subjects: string[] = []
    stranger.subscribe('frameport.bus.>', { callback: (_, { subject }) => void subjects.push(subject) })
    await stranger.flush()
    const publisher = (await connection(server)).bus.join(new Heard())
    await publisher.publish(eventOf(lobby, 'known'))
    await until(() => subjects.length > 0)
    expect(subjects[0]).toMatch(/^frameport\.bus\.topic\.chat@1\/line\.[\w-]{22}$/)
    for (const bytes of [new Uint8Array(0), Uint8Array.of(9), new Uint8Array(20).fill(1)]) {
      stranger.publish(subjects[0] ?? '', bytes)
    }
    await until(() => heard.gaps.length > 2)
    expect(heard.all).toEqual(['known', ...Array(3).fill(`gap ${lobby.topic}`)])
    await stranger.close()
  })
})
