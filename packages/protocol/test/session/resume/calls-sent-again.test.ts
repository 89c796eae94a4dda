import { describe, expect, it } from 'vitest'
import type { IncomingSubscription } from '../../../src/session/index.ts'
import { Resumable } from '../../support/resumable.ts'
import { callOnItsWay, quiet } from '../../support/resumable-ends.ts'
import { startCall } from '../../support/sessions.ts'

const slow = { pair: { latencyMs: 10 } }

describe('a call that is sent again', () => {
  it('has the remaining time', async () => {
    const world = new Resumable(slow)
    await world.connect()
    const sentAtMs = world.time.nowMs()
    const outcome = await callOnItsWay(world, { deadlineMs: 1_000 })
    await world.time.advance(400)
    await world.connect()
    const deadlineAtMs = world.server.recorder.calls[0]?.deadlineAtMs ?? 0
    expect(deadlineAtMs - sentAtMs).toBeGreaterThan(990)
    expect(deadlineAtMs - sentAtMs).toBeLessThanOrEqual(1_020)
    await world.time.advance(1_000)
    expect(outcome.code).toBe('DEADLINE_EXCEEDED')
    await quiet(world)
  })

  it.each([
    ['given up', { deadlineMs: undefined }],
    ['without time left', { deadlineMs: 100 }],
  ])('and is %s does not run, and its slot is free', async (_what, { deadlineMs }) => {
    const world = new Resumable(slow)
    await world.connect()
    const outcome = await callOnItsWay(world, deadlineMs === undefined ? {} : { deadlineMs })
    if (deadlineMs === undefined) outcome.call.cancel()
    await world.time.advance(200)
    await world.connect()
    await world.time.advance(50)
    expect(outcome.code).toBe(deadlineMs === undefined ? 'CANCELLED' : 'DEADLINE_EXCEEDED')
    expect(world.server.recorder.calls).toEqual([])
    expect([world.client.callsInFlight, world.server.session.callsInFlight]).toEqual([0, 0])
    await quiet(world)
  })

  it.each([
    [100, 0],
    [1_000, 1],
  ])('as a one-way call with a deadline of %d ms runs %d times after 200 ms', async (deadlineMs, runs) => {
    const world = new Resumable(slow)
    await world.connect()
    startCall(world.client, 'a/b', { isOneway: true, deadlineMs })
    await world.time.settle()
    await world.cut()
    await world.time.advance(200)
    await world.connect()
    expect(world.server.recorder.calls).toHaveLength(runs)
    await quiet(world)
  })

  it('after it was made without a connection waited within its deadline, and was not executed', async () => {
    const world = new Resumable()
    await world.connect()
    await world.cut()
    const late = startCall(world.client, 'a/b', { deadlineMs: 500 })
    const patient = startCall(world.client, 'a/b', { deadlineMs: 5_000 })
    await world.time.advance(1_000)
    expect(late.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: false })
    expect(late.error?.message).toContain('the connection was lost')
    await world.connect()
    expect(world.server.recorder.calls.map(({ id }) => id)).toEqual([patient.call.id])
    await quiet(world)
  })

  it('has its answer delivered, although answers waited for acknowledgements that come with the next connection', async () => {
    const world = new Resumable({ client: { resumeAckMs: 60_000 } })
    await world.connect()
    const calls = Array.from({ length: 100 }, () => startCall(world.client))
    await world.time.settle()
    await world.cut()
    // The answers exceed what is kept, so the rest are queued as values.
    for (const call of world.server.recorder.calls)
      call.respond({ kind: 'raw', bytes: new Uint8Array(2_000) })
    await world.connect()
    await world.time.advance(1_000)
    expect(new Set(calls.map(({ code }) => code))).toEqual(new Set(['OK']))
    await quiet(world)
  })

  it('keeps its metadata, whatever the limits of this side are', async () => {
    const world = new Resumable({ ...slow, client: { metadataBytesMax: 10 } })
    await world.connect()
    await callOnItsWay(world, { deadlineMs: 5_000, metadata: { trace: 'x'.repeat(100) } })
    await world.connect()
    expect(world.server.recorder.calls[0]?.metadata).toEqual({ trace: 'x'.repeat(100) })
    await quiet(world)
  })

  it('after a cancel is not sent in longer envelopes than before', async () => {
    const world = new Resumable({ ...slow, server: { frameBytesMax: 4_096 } })
    await world.connect()
    const outcome = await callOnItsWay(world, { input: { kind: 'raw', bytes: new Uint8Array(9_000) } })
    outcome.call.cancel()
    await world.connect()
    await world.time.advance(100)
    expect([world.client.state, outcome.code, world.client.callsInFlight]).toEqual(['open', 'CANCELLED', 0])
    expect(world.server.recorder.calls).toEqual([])
    await quiet(world)
  })
})

describe('a subscription that is cancelled without a connection', () => {
  /** A client at a server with one slot, which records the requested subscriptions. */
  async function asked() {
    const world = new Resumable({ ...slow, server: { callsInFlightMax: 1 } })
    const seen: string[] = []
    await world.connect(world.client, (recorder) => {
      Object.assign(recorder, {
        subscription: ({ kind, topic, call }: IncomingSubscription) => {
          seen.push(`${kind} ${topic}`)
          call.respond({ kind: 'none' })
        },
      })
      recorder.onCall = (call) => call.respond({ kind: 'none' })
    })
    const change = (kind: 'subscribe' | 'unsubscribe', topic: string) => {
      const settled: (string | undefined)[] = []
      const call = world.client.changeSubscription({ kind, event: 'a/e', topic }, (error) =>
        settled.push(error?.code),
      )
      return { call, settled }
    }
    return { world, seen, change }
  }

  it('is not made, and its slot is free', async () => {
    const { world, seen, change } = await asked()
    const subscribed = change('subscribe', 't')
    await world.time.settle()
    await world.cut()
    subscribed.call.cancel()
    const next = startCall(world.client)
    await world.connect()
    await world.time.advance(1_000)
    expect([seen, subscribed.settled, next.code]).toEqual([[], ['CANCELLED'], 'OK'])
    await quiet(world)
  })

  it('is not made on later connections either, which are cut before the server reports what it has received', async () => {
    const { world, seen, change } = await asked()
    const subscribed = change('subscribe', 't')
    await world.time.settle()
    await world.cut()
    subscribed.call.cancel()
    for (let tries = 0; tries < 3; tries += 1) {
      world.attach()
      // The envelopes that replace both requests are in flight.
      await world.time.advance(25)
      await world.cut()
    }
    const next = change('subscribe', 'u')
    await world.connect()
    await world.time.advance(1_000)
    expect([seen, subscribed.settled, next.settled]).toEqual([['subscribe u'], ['CANCELLED'], [undefined]])
    expect(world.client.state).toBe('open')
    await quiet(world)
  })

  it('is made when the server already had it, and removed when that was requested', async () => {
    const { world, seen, change } = await asked()
    const subscribed = change('subscribe', 't')
    await world.time.advance(15)
    await world.cut()
    expect(seen).toEqual(['subscribe t'])
    subscribed.call.cancel()
    const ended = change('unsubscribe', 't')
    await world.connect()
    await world.time.advance(1_000)
    expect([seen, ended.settled]).toEqual([['subscribe t', 'unsubscribe t'], [undefined]])
    await quiet(world)
  })
})
