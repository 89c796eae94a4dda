import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/index.ts'
import { Allowance, defaultSessionLimits, resolveSessionLimits } from '../../src/session/index.ts'
import { firstCall, json, openProbe } from '../support/raw-peer.ts'

const limits = { refusalsPerSecondMax: 10 }
const notHere = () => new RpcError('UNIMPLEMENTED', 'there is no such procedure')
const calls = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ ...firstCall, callId: 1 + 2 * (from + index) }))

describe('refusalsPerSecondMax', () => {
  it.each([
    ['at', 10, []],
    ['one over', 11, [{ code: 'LIMIT_EXCEEDED' }]],
    ['far over', 5_000, [{ code: 'LIMIT_EXCEEDED' }]],
  ])('%s: the session continues, or ends with a goaway that gives the reason', async (_, count, closes) => {
    const { peer, time, recorder } = await openProbe('server', { limits })
    recorder.onCall = (call) => call.refuse(notHere())
    peer.send(...calls(count))
    await time.advance(2_000)
    expect(peer.all('failure')).toHaveLength(10)
    expect(peer.goawayCode).toBe(closes[0]?.code)
    expect(recorder.closes).toMatchObject(closes)
    expect(recorder.calls.length).toBeLessThanOrEqual(11)
  })

  it('is earned again over time', async () => {
    const { peer, time, recorder, session } = await openProbe('server', { limits })
    recorder.onCall = (call) => call.refuse(notHere())
    for (let second = 0; second < 5; second++) {
      peer.send(...calls(10, second * 10))
      await time.advance(1_000)
    }
    expect([peer.all('failure').length, session.state]).toEqual([50, 'open'])
  })

  it.each([
    ['no slot is left', { callsInFlightMax: 1 }, calls(12)],
    ['inputs are too long', { bodyBytesMax: 3 }, calls(11).map((call) => ({ ...call, body: json('12345') }))],
    ['inputs are not JSON', {}, calls(11).map((call) => ({ ...call, body: json('{') }))],
    ['no time is left', {}, calls(11).map((call) => ({ ...call, deadlineMs: 0 }))],
    [
      'subscriptions are not accepted',
      {},
      calls(11).map(({ callId, metadata }) => ({
        kind: 'subscribe' as const,
        callId,
        event: 'a/b',
        topic: '',
        metadata,
      })),
    ],
  ])('also counts calls that the session itself refuses: %s', async (_, more, sent) => {
    const { peer, time, recorder } = await openProbe('server', { limits: { ...limits, ...more } })
    peer.send(...sent)
    await time.advance(2_000)
    expect(peer.all('failure')).toHaveLength(10)
    expect(recorder.closes).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
  })

  it('does not count failures of handlers', async () => {
    const { peer, time, recorder, session } = await openProbe('server', { limits })
    recorder.onCall = (call) => call.fail(new RpcError('NOT_FOUND', 'no such thing'))
    peer.send(...calls(100))
    await time.settle()
    expect([peer.all('failure').length, session.state]).toEqual([100, 'open'])
  })

  it('is four times the number of slots if there are many slots', () => {
    expect(resolveSessionLimits().refusalsPerSecondMax).toBe(defaultSessionLimits.refusalsPerSecondMax)
    expect(resolveSessionLimits({ callsInFlightMax: 1_000 }).refusalsPerSecondMax).toBe(4_000)
    expect(
      resolveSessionLimits({ callsInFlightMax: 1_000, refusalsPerSecondMax: 5 }).refusalsPerSecondMax,
    ).toBe(5)
  })
})

it('the refusals of several sessions can share one limit', async () => {
  const shared = new Allowance({ nowMs: () => 0 }, { burst: 5, perSecond: 0 })
  const share = { key: 'one', takeRefusal: () => shared.take() }
  const [one, other] = await Promise.all([openProbe('server', { share }), openProbe('server', { share })])
  for (const { peer, time, recorder } of [one, other]) {
    recorder.onCall = (call) => call.refuse(notHere())
    peer.send(...calls(3))
    await time.advance(2_000)
  }
  expect([one.peer.all('failure').length, other.peer.all('failure').length]).toEqual([3, 2])
  expect([one.peer.goawayCode, other.peer.goawayCode]).toEqual([undefined, 'LIMIT_EXCEEDED'])
})

describe('an allowance', () => {
  it('gives a burst, and later what it earns, but never more than the burst', () => {
    let nowMs = 0
    const allowance = new Allowance({ nowMs: () => nowMs }, { burst: 3, perSecond: 2 })
    const takeAll = () => {
      let taken = 0
      while (allowance.take()) taken++
      return taken
    }
    expect([allowance.isFull, takeAll(), allowance.isFull]).toEqual([true, 3, false])
    nowMs = 499
    expect(takeAll()).toBe(0)
    nowMs = 500
    expect(takeAll()).toBe(1)
    nowMs = 1_000_000
    expect([allowance.isFull, takeAll()]).toEqual([true, 3])
  })
})
