import { expect, it } from 'vitest'
import { settingsOf, settingsToSend } from '../../../src/envelope/settings.ts'
import { firstCall, hello } from '../../support/raw-peer.ts'
import { Resumable } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'
import { endAll, keepingServer, peerKeeps, sent } from '../../support/resuming-peers.ts'
import { startCall, value } from '../../support/sessions.ts'

const calls = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...firstCall, callId: 2 * (from + n) + 1 }))

/** Runs everything that happens in the current turn of the event loop. */
async function microtasks(): Promise<void> {
  for (let n = 0; n < 200; n += 1) await Promise.resolve()
}

it('a session that has used up its turn handles nothing from a connection that arrives in the same turn', async () => {
  const { time, connect, coming } = keepingServer({ sessionTurnStepsMax: 200 })
  const first = await connect()
  const second = coming(true)
  first.peer.send(...calls(0, 60))
  await microtasks()
  const before = first.recorder.calls.length
  expect([before < 60, first.session.stats().turnsUsedUp]).toEqual([true, 1])
  const settings = settingsToSend({ ...settingsOf([]), ...peerKeeps })
  second.peer.send({ ...hello, settings, resume: { ...first.answer.session!, received: 0 } })
  await microtasks()
  second.peer.send(...calls(before, 200))
  await microtasks()
  expect(first.recorder.calls).toHaveLength(before)
  await time.settle()
  expect(first.recorder.calls).toHaveLength(before + 200)
  await endAll(time, [first])
})

/**
 * A client that has lost 3,000 small one-way calls in flight.
 *
 * @param next the options of its next connections
 */
async function manyLost(next: { readonly highWatermarkBytes?: number; readonly windowBytes?: number } = {}) {
  const few = { sessionTurnStepsMax: 200 }
  const pair = { latencyMs: 10 }
  const world = new Resumable({
    pair,
    client: { ...few, resumeBytes: 200_000 },
    server: { ...few, onewaysInFlightMax: 10_000 },
  })
  const came: unknown[] = []
  await world.connect(world.client, (recorder) => {
    recorder.onCall = (call) => {
      came.push(call.input?.kind === 'value' ? call.input.value : call.input)
      if (call.procedure === 'a/o') call.end()
      else call.respond(value('answer'))
    }
  })
  const oneway = (number: number) => startCall(world.client, 'a/o', { isOneway: true, input: value(number) })
  for (let number = 0; number < 3_000; number += 1) oneway(number)
  await world.time.settle()
  await world.cut()
  expect(came).toEqual([])
  Object.assign(pair, next)
  return { world, came, oneway }
}

it('many envelopes are sent again in many turns, and before what is sent meanwhile', async () => {
  const { world, came, oneway } = await manyLost()
  const before = world.client.stats().turnsUsedUp
  world.attach()
  let call: ReturnType<typeof startCall> | undefined
  world.clientSide.resumed = () => {
    oneway(3_000)
    call = startCall(world.client, 'a/c', { input: value('last') })
  }
  await world.time.advance(100)
  expect(world.client.stats().turnsUsedUp - before).toBeGreaterThanOrEqual(3)
  expect(came).toEqual([...Array.from({ length: 3_001 }, (_, number) => number), 'last'])
  expect(call?.value).toBe('answer')
  await quiet(world)
})

it('envelopes that are sent again do not overfill the queue of the connection', async () => {
  const { world, came } = await manyLost({ highWatermarkBytes: 2_000, windowBytes: 1_000 })
  const pair = world.attach()
  let peak = 0
  for (let ms = 0; ms < 4_000 && came.length < 3_000; ms += 1) {
    await world.time.advance(1)
    peak = Math.max(peak, pair.a.queuedBytes)
  }
  expect(came).toHaveLength(3_000)
  expect(peak).toBeLessThan(4_000)
  await quiet(world)
})

it('a session that closes while it sends envelopes again ends after all of them', async () => {
  const pair = { latencyMs: 10 }
  const world = new Resumable({ pair })
  await world.connect(world.client, (recorder) => {
    recorder.onCall = (call) => call.respond(value('answer'))
  })
  const outcomes = Array.from({ length: 250 }, () => startCall(world.client))
  await world.time.advance(15)
  const { session } = world.server
  // All calls were answered, and no answer has arrived.
  await world.cut()
  expect([session.callsInFlight, outcomes.filter(({ code }) => code === 'OK')]).toEqual([0, []])
  Object.assign(pair, { windowBytes: 500, highWatermarkBytes: 500 })
  world.attach()
  await world.time.advance(45)
  expect(outcomes.filter(({ code }) => code === 'OK').length).toBeLessThan(250)
  void session.close()
  await world.time.advance(500)
  expect(outcomes.filter(({ code }) => code !== 'OK')).toEqual([])
  expect([session.state, world.client.state]).toEqual(['closed', 'closed'])
  await quiet(world)
})

it('an acknowledgement of kept envelopes that were never sent breaks the protocol, and the session goes on', async () => {
  const { time, connect } = keepingServer()
  const first = await connect()
  first.cut()
  await time.settle()
  for (let n = 0; n < 3; n += 1) first.session.emit({ event: 'a/e', topic: 't', body: value(n) })
  const second = await connect({ ...first.answer.session!, received: 1 })
  expect(second.answer).toMatchObject({ kind: 'goaway', code: 'PROTOCOL_VIOLATION' })
  expect(first.session.state).toBe('detached')
  const third = await connect({ ...first.answer.session!, received: 0 })
  expect(sent(third.peer.received, 'event')).toHaveLength(3)
  await endAll(time, [first])
})
