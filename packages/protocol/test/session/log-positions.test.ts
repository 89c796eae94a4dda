import { describe, expect, it } from 'vitest'
import { encodePosition, isSameLog } from '../../src/envelope/index.ts'
import { encodeEvent, type IncomingSubscription } from '../../src/session/index.ts'
import { openProbe } from '../support/raw-peer.ts'
import { connected, value } from '../support/sessions.ts'
import { stalled } from '../support/stalled-peer.ts'

const log = Uint8Array.of(1, 2)
const position = { log, number: 7 }
const change = { kind: 'subscribe', event: 'a@1/b', topic: '"t"' } as const
const about = { event: 'a@1/b', topic: '"t"' }

/** A client whose server answers each subscription with `answer`. */
async function subscribing(answer: (request: IncomingSubscription) => void) {
  const pair = await connected()
  Object.assign(pair.server.recorder, { subscription: answer })
  const settled: unknown[] = []
  const subscribe = async (more = {}) => {
    pair.client.session.changeSubscription({ ...change, ...more }, (error, begin) =>
      settled.push(error?.code ?? begin ?? 'OK'),
    )
    await pair.time.settle()
  }
  return { ...pair, subscribe, settled }
}

describe('a position', () => {
  it('is sent with a subscribe, and absent without one', async () => {
    const seen: unknown[] = []
    const { subscribe, settled } = await subscribing((request) => {
      seen.push(request.position)
      request.accept()
    })
    await subscribe({ position })
    await subscribe()
    await subscribe({ kind: 'unsubscribe' })
    expect([seen, settled]).toEqual([
      [position, undefined, undefined],
      ['OK', 'OK', 'OK'],
    ])
  })

  it('arrives with the answer to a subscribe, before the events that are emitted after it', async () => {
    const { subscribe, settled, client, server } = await subscribing((request) =>
      request.accept(position, () => void server.session.emit({ ...about, body: value('first') })),
    )
    client.recorder.onEvent = () => settled.push('event')
    await subscribe()
    expect(settled).toEqual([position, 'event'])
  })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a position with an empty log id', Uint8Array.of(0, 7)],
    ['a position with a log id of 33 bytes', Uint8Array.of(33, ...new Uint8Array(33), 7)],
    ['no number', Uint8Array.of(1, 9)],
    ['a position with extra bytes', Uint8Array.of(1, 9, 7, 7)],
  ])('that is %s in the answer counts as absent', async (_, bytes) => {
    const { session, peer, time } = await openProbe('client')
    const settled: unknown[] = []
    session.changeSubscription(change, (error, begin) => settled.push(error ?? begin ?? 'OK'))
    await time.settle()
    const { callId } = peer.all('subscribe')[0]!
    peer.send({
      kind: 'result',
      callId,
      metadata: {},
      extensions: [[3, bytes]],
      body: { encoding: 'none', bytes: new Uint8Array(0) },
    })
    await time.settle()
    expect([settled, session.state]).toEqual([['OK'], 'open'])
  })

  it('is sent with an event, emitted as a value or encoded for many, and is copied from the frame', async () => {
    const { time, client, server } = await connected()
    server.session.emit({ ...about, body: value(1), position })
    server.session.emit(encodeEvent({ ...about, body: value(2), position: { log, number: 8 } }))
    server.session.emit({ ...about, body: value(3) })
    await time.settle()
    expect(client.recorder.events).toEqual([
      { ...about, body: value(1), position },
      { ...about, body: value(2), position: { log, number: 8 } },
      { ...about, body: value(3) },
    ])
    expect('position' in client.recorder.events[2]!).toBe(false)
    const views = client.recorder.events.map(
      (event) => event.position?.log.byteLength === event.position?.log.buffer.byteLength,
    )
    expect(views).toEqual([true, true, true])
  })

  it('is compared only with positions of the same log', () => {
    expect([
      isSameLog(position, { log: Uint8Array.of(1, 2), number: 9 }),
      isSameLog(position, { log: Uint8Array.of(1, 3), number: 7 }),
      isSameLog(position, { log: Uint8Array.of(1), number: 7 }),
      isSameLog({ log: Uint8Array.of(1), number: 7 }, position),
    ]).toEqual([true, false, false, false])
    expect([...encodePosition(position)]).toEqual([2, 1, 2, 7])
  })
})

describe('a gap that is sent explicitly', () => {
  it('reaches the handlers of the peer with its position, in its place', async () => {
    const { time, client, server } = await connected()
    const seen: unknown[] = []
    Object.assign(client.recorder, { eventGap: (gap: unknown) => void seen.push(gap) })
    client.recorder.onEvent = ({ body }) => seen.push(body)
    server.session.emit({ ...about, body: value(1) })
    server.session.sendGap({ ...about, events: 0, position })
    server.session.emit({ ...about, body: value(2) })
    await time.settle()
    expect(seen).toEqual([value(1), { ...about, events: 0, position }, value(2)])
  })

  it('waits after queued events, and counts later drops unless its number is unknown', async () => {
    const probe = await stalled({ slowSubscriberBytesMax: 1_000 })
    const emit = (bytes: number) => probe.session.emit({ ...about, body: value('x'.repeat(bytes)) })
    emit(100)
    probe.session.sendGap({ ...about, events: 2, position })
    emit(2_000)
    probe.session.sendGap({ ...about, topic: '"u"', events: 0 })
    probe.session.emit({ ...about, topic: '"u"', body: value('x'.repeat(2_000)) })
    probe.peer.stream.resume()
    await probe.time.settle()
    expect(probe.peer.kinds.slice(-3)).toEqual(['event', 'gap', 'gap'])
    expect(probe.peer.all('gap')).toMatchObject([
      { topic: '"t"', events: 3, position },
      { topic: '"u"', events: 0, position: undefined },
    ])
  })

  it('and cannot be encoded throws, and is ignored after the end', async () => {
    const { time, client, server } = await connected()
    expect(() => server.session.sendGap({ ...about, events: -1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_FIELD' }),
    )
    await time.settle()
    expect(client.session.state).toBe('open')
    server.session.abort({ code: 'ABORTED', message: 'enough' })
    expect(() => server.session.sendGap({ ...about, events: -1 })).not.toThrow()
  })
})
