import type { VirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { encodeEvent, type SessionLimits } from '../../../src/session/index.ts'
import { Resumable } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'
import { endAll, keepingServer } from '../../support/resuming-peers.ts'
import { value } from '../../support/sessions.ts'

const heartbeat = { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 2_000 }

/** A server and a client that can fall silent, as after a pulled cable. A full connection holds little. */
async function silenced(server: Partial<SessionLimits>) {
  const world = new Resumable({
    pair: { windowBytes: 500, highWatermarkBytes: 2_000, lowWatermarkBytes: 500 },
    server: { ...heartbeat, ...server },
    client: { heartbeatIntervalMs: 0, resumeAckMs: 100 },
  })
  const pair = await world.connect()
  const { session, recorder } = world.server
  const emit = (number: number, whenSlow: 'block' | 'dropOldest' | 'disconnect' = 'block') =>
    session.emit(
      encodeEvent({ event: 'a@1/e', topic: '', body: value(`${number} `.padEnd(900, 'x')) }, { whenSlow }),
    )
  const heard = () =>
    world.clientSide.events.map(({ body }) => Number.parseInt((body as { value: string }).value, 10))
  return { world, session, recorder, emit, heard, silence: () => pair.a.pause() }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('a silent peer on a connection that looks open', () => {
  it.each(['block', 'dropOldest', 'disconnect'] as const)(
    'is no slow subscriber: with %s its events arrive over its next connection',
    async (whenSlow) => {
      const { world, session, recorder, emit, heard, silence } = await silenced({ slowSubscriberMs: 2_500 })
      silence()
      for (const number of numbers(20)) emit(number, whenSlow)
      await world.time.advance(3_100)
      expect(recorder.detaches).toMatchObject([{ code: 'HEARTBEAT_TIMEOUT' }])
      expect(session.state).toBe('detached')
      await world.connect()
      await world.time.advance(1_000)
      expect([session.state, heard(), world.clientSide.gaps]).toEqual(['open', numbers(20), []])
      await quiet(world)
    },
  )

  it('has a gap when an event that it must not miss finds no room, like a session without a connection', async () => {
    const { world, session, emit, heard, silence } = await silenced({ slowSubscriberBytesMax: 4_000 })
    silence()
    emit(0)
    await world.time.advance(1_500)
    for (const number of numbers(20).slice(1)) emit(number, 'disconnect')
    await world.time.advance(1_600)
    expect(session.state).toBe('detached')
    await world.connect()
    await world.time.advance(1_000)
    const missing = world.clientSide.gaps.reduce((sum, { events }) => sum + events, 0)
    expect([session.state, heard().length + missing]).toEqual(['open', 20])
    expect(missing).toBeGreaterThan(0)
    await quiet(world)
  })

  it('is judged only by the time before its silence, and after it', async () => {
    const { world, recorder, emit, silence } = await silenced({
      slowSubscriberMs: 2_500,
      heartbeatTimeoutMs: 60_000,
    })
    silence()
    for (const number of numbers(20)) emit(number)
    await world.time.advance(20_000)
    expect(recorder.closes).toEqual([])
    // What it sends proves that it is alive, but it still reads nothing.
    const speaking = setTimerEach(world.time, 500, () =>
      world.client.emit({ event: 'a@1/e', topic: '', body: value('here') }),
    )
    await world.time.advance(6_000)
    speaking()
    await world.time.advance(6_000)
    expect(recorder.closes).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
    await quiet(world)
  })

  it('does not lose time for its acknowledgements by the silence', async () => {
    const { time, connect } = keepingServer({ ...heartbeat, stalledTimeoutMs: 3_500 })
    const first = await connect()
    const emit = () => first.session.emit({ event: 'a@1/e', topic: '', body: value('x'.repeat(900)) })
    while (emit() !== 'waiting');
    await time.advance(3_100)
    expect(first.recorder.detaches).toMatchObject([{ code: 'HEARTBEAT_TIMEOUT' }])
    const second = await connect({ ...first.answer.session!, received: 0 })
    expect(second.answer.received).toBeDefined()
    const speaking = setTimerEach(time, 500, () => second.peer.send({ kind: 'skip' }))
    await time.advance(3_400)
    expect([first.session.state, first.recorder.closes]).toEqual(['open', []])
    await time.advance(200)
    speaking()
    expect(first.recorder.closes).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
    await time.advance(60_000)
    expect(time.timers).toEqual([])
  })

  it('is not judged by its acknowledgements before the heartbeat has decided', async () => {
    const { time, connect } = keepingServer({ ...heartbeat, stalledTimeoutMs: 1_500 })
    const { session, recorder } = await connect()
    while (session.emit({ event: 'a@1/e', topic: '', body: value('x'.repeat(900)) }) !== 'waiting');
    await time.advance(2_900)
    expect(session.state).toBe('open')
    await time.advance(200)
    expect(recorder.detaches).toMatchObject([{ code: 'HEARTBEAT_TIMEOUT' }])
    await endAll(time, [{ session }])
  })

  it('loses its connection, and not its session, when it does not read its answers', async () => {
    const { world, session, recorder } = await silenced({
      answerBytesQueuedMax: 4_000,
      stalledTimeoutMs: 5_000,
      slowSubscriberMs: 1_000,
    })
    recorder.onCall = (call) => call.respond(value('x'.repeat(3_000)))
    const results: unknown[] = []
    const options = { procedure: 'a/b', input: value(1) }
    for (const _ of numbers(10))
      world.client.call(options, { item: () => {}, settled: (error) => results.push(error) })
    world.pairs[0]!.a.pause()
    await world.time.settle()
    session.emit({ event: 'a@1/e', topic: '', body: value('x'.repeat(5_000)) })
    session.emit({ event: 'a@1/e', topic: '', body: value(1) })
    await world.time.advance(4_900)
    expect(session.state).toBe('open')
    await world.time.advance(200)
    expect(recorder.detaches).toMatchObject([
      { code: 'CONNECTION_LOST', message: 'the peer does not read its answers' },
    ])
    await world.connect()
    await world.time.advance(1_000)
    expect(results).toEqual(numbers(10).map(() => undefined))
    expect(world.clientSide.events).toHaveLength(2)
    await quiet(world)
  })
})

/** @returns a function that ends the timers */
function setTimerEach(time: VirtualClock, ms: number, run: () => void): () => void {
  const again = () => {
    run()
    timer = time.setTimer(ms, again)
  }
  let timer = time.setTimer(ms, again)
  return () => timer.cancel()
}
