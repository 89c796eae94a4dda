import { attachFrames } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { reachingProcess, waysToFail } from '../../../../tests/support/failing-callbacks.ts'
import { parseWith } from '../../src/contract/index.ts'
import { createSession, type SessionHandlers } from '../../src/session/index.ts'
import { network } from '../support/network.ts'
import { credit, json, openProbe } from '../support/raw-peer.ts'
import { connected, openSide, Recorder, startCall, value } from '../support/sessions.ts'

type Place = 'opened' | 'call' | 'event' | 'goaway' | 'closed' | 'item' | 'settled'
const places: readonly Place[] = ['opened', 'call', 'event', 'goaway', 'closed', 'item', 'settled']
const cells = places.flatMap((place) => waysToFail.map(([way, fail]) => [place, way, fail] as const))

/** A client and a server with one failing callback, in a scenario that calls every callback. */
async function live(place: Place, fail: () => unknown) {
  const { time, a, b } = network()
  const failing = (name: Place) => (name === place ? (fail() as undefined) : undefined)
  const client = new Recorder()
  const server = new Recorder()
  client.onOpened = () => failing('opened')
  client.onEvent = () => failing('event')
  const goaway = client.goaway.bind(client)
  client.goaway = (said) => {
    goaway(said)
    return failing('goaway')
  }
  const closed = client.closed.bind(client)
  client.closed = (reason) => {
    closed(reason)
    return failing('closed')
  }
  server.onCall = (incoming) => {
    if (place === 'call') return failing('call')
    incoming.sendItem(value(1))
    incoming.end()
    return undefined
  }
  const serverSide = openSide('server', time, b, {}, server)
  const clientSide = openSide('client', time, a, {}, client)
  await time.settle()
  serverSide.session.emit({ event: 'a/b', topic: '', body: value(1) })
  const settlements: unknown[] = []
  clientSide.session.call(
    { procedure: 'a/b', input: { kind: 'none' }, initialCredit: credit(1) },
    {
      item: () => failing('item'),
      settled(error) {
        settlements.push(error)
        return failing('settled')
      },
    },
  )
  await time.settle()
  const after = startCall(clientSide.session, 'a/b', { initialCredit: credit(1) })
  await time.settle()
  const states = [clientSide.session.state, serverSide.session.state]
  void serverSide.session.close()
  await time.advance(20_000)
  return { time, client, server, settlements, after, states }
}

describe('a callback of a session', () => {
  it.each(cells)(
    '%s that %s is reported once, and the session stays usable until its orderly end',
    async (place, _way, fail) => {
      const thrown = new Error(place)
      let seen: Awaited<ReturnType<typeof live>> | undefined
      const reached = await reachingProcess(async () => {
        seen = await live(place, () => fail(thrown))
      })
      const { time, client, server, settlements, after, states } = seen as Awaited<ReturnType<typeof live>>
      expect(reached).toEqual({ uncaught: [], unhandled: [] })
      const side = place === 'call' ? server : client
      expect(side.uncaughtErrors).toEqual(place === 'call' ? [thrown, thrown] : [thrown])
      expect(states).toEqual(['open', 'open'])
      expect(client.closes).toMatchObject([{ code: 'CLOSED' }])
      expect([client.goaways, server.closes.length, time.timers]).toEqual([1, 1, []])
      if (place === 'call')
        expect(settlements).toMatchObject([{ code: 'INTERNAL', message: 'the handler failed' }])
      else expect([settlements, after.code]).toEqual([[undefined], 'OK'])
    },
  )

  const ofEvents = ['wantsEvent', 'eventDropped', 'eventGap'] as const
  it.each(ofEvents.flatMap((place) => waysToFail.map(([way, fail]) => [place, way, fail] as const)))(
    '%s that %s is reported, and later events arrive',
    async (place, _way, fail) => {
      const thrown = new Error(place)
      const recorder = Object.assign(new Recorder(), { [place]: () => fail(thrown) })
      const { peer, time, session } = await openProbe('client', {}, {}, recorder)
      const reached = await reachingProcess(async () => {
        peer.send({ kind: 'event', event: 'a/b', topic: '', metadata: {}, body: json('{') })
        peer.send({ kind: 'gap', event: 'a/b', topic: '', events: 1 })
        peer.send({ kind: 'event', event: 'a/b', topic: '', metadata: {}, body: json('1') })
        await time.settle()
      })
      expect(reached).toEqual({ uncaught: [], unhandled: [] })
      expect(recorder.uncaughtErrors).toEqual(place === 'wantsEvent' ? [thrown, thrown] : [thrown])
      expect([recorder.events.map(({ body }) => body), session.state]).toEqual([[value(1)], 'open'])
    },
  )

  it.each(waysToFail)('subscription that %s refuses the subscription and is reported', async (_way, fail) => {
    const thrown = new Error('password=secret')
    const recorder = Object.assign(new Recorder(), { subscription: () => fail(thrown) as undefined })
    const { peer, time, session } = await openProbe('server', {}, {}, recorder)
    const reached = await reachingProcess(async () => {
      peer.send({ kind: 'subscribe', callId: 1, event: 'a/b', topic: '', metadata: {} })
      await time.settle()
    })
    expect(reached).toEqual({ uncaught: [], unhandled: [] })
    expect([recorder.uncaughtErrors, session.state]).toEqual([[thrown], 'open'])
    expect(peer.received).toMatchObject([
      { kind: 'failure', callId: 1, code: 'INTERNAL', text: 'the subscription failed' },
    ])
  })

  it.each(waysToFail)('hello that %s refuses the client', async (_way, fail) => {
    const { time, a, b } = network()
    const server = new Recorder()
    server.onHello = () => fail(new Error('password=secret')) as Promise<never>
    openSide('server', time, b, {}, server)
    const client = openSide('client', time, a)
    const reached = await reachingProcess(() => time.advance(5_000))
    expect(reached).toEqual({ uncaught: [], unhandled: [] })
    expect(client.recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED', cause: { code: 'INTERNAL' } }])
    expect(client.recorder.closes[0]?.message).not.toContain('secret')
    expect(time.timers).toEqual([])
  })

  it.each(waysToFail)(
    'uncaught that %s surfaces as an unhandled rejection, like an error in a session without uncaught',
    async (_way, fail) => {
      const thrown = new Error('second')
      for (const uncaught of [() => fail(thrown) as undefined, undefined]) {
        const { time, server } = await connected()
        const { a } = network()
        const handlers: SessionHandlers = {
          opened() {},
          call() {},
          event() {},
          goaway() {},
          closed() {
            throw thrown
          },
          ...(uncaught === undefined ? {} : { uncaught }),
        }
        const session = createSession({ role: 'client', environment: time, contracts: [], handlers })
        session.attach(attachFrames(a))
        const reached = await reachingProcess(async () => {
          session.abort({ code: 'ABORTED', message: 'enough' })
          await time.settle()
        })
        expect(reached).toEqual({ uncaught: [], unhandled: [thrown] })
        server.session.abort({ code: 'ABORTED', message: 'enough' })
        await time.settle()
      }
    },
  )
})

describe('an asynchronous schema', () => {
  const issues = [{ message: 'never' }]
  it.each([
    ['a promise', () => Promise.resolve({ issues })],
    [
      'a thenable',
      () =>
        Object.defineProperty({}, 'then', { value: (resolve: (r: unknown) => void) => resolve({ issues }) }),
    ],
  ])('with %s is awaited, and its refusal counts', async (_what, validate) => {
    const schema = { '~standard': { version: 1, vendor: 'test', validate } } as never
    expect(await parseWith(schema, 1)).toMatchObject({ ok: false, error: { code: 'INVALID_ARGUMENT' } })
  })
})
