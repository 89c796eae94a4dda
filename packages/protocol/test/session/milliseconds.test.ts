import { createVirtualClock, type VirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { timerMsMax } from '../../src/checks/index.ts'
import { RpcError } from '../../src/index.ts'
import { withAnyDelay } from '../../src/session/common/any-delay.ts'
import { resolveSessionLimits } from '../../src/session/common/session-limits.ts'
import {
  createSessionHost,
  defaultSessionLimits,
  type SessionEnvironment,
  type SessionLimits,
} from '../../src/session/index.ts'
import { network } from '../support/network.ts'
import { connected, openSide, startCall, value } from '../support/sessions.ts'

const days30 = 30 * 24 * 3600 * 1000

/** Timers as real platforms have them: a delay over the maximum, or one that is no number, fires after 1 ms. */
function platformLike(time: VirtualClock): SessionEnvironment & { readonly delays: number[] } {
  const delays: number[] = []
  return {
    delays,
    nowMs: () => time.nowMs(),
    random: () => 0.5,
    setTimer(delayMs, callback) {
      delays.push(delayMs)
      return time.setTimer(delayMs >= 1 && delayMs <= timerMsMax ? delayMs : 1, callback)
    },
  }
}

describe('a timer of a session', () => {
  it.each([1, timerMsMax - 1, timerMsMax, timerMsMax + 1, 5 * timerMsMax, days30])(
    'of %d ms fires after that time, and not before',
    async (delayMs) => {
      const time = createVirtualClock()
      const environment = platformLike(time)
      let fired = 0
      withAnyDelay(environment).setTimer(delayMs, () => fired++)
      await time.advance(delayMs - 1)
      expect(fired).toBe(0)
      await time.advance(1)
      expect([fired, time.timers]).toEqual([1, []])
      expect(Math.max(...environment.delays)).toBeLessThanOrEqual(timerMsMax)
    },
  )

  it('is not set for an infinite delay, and can be cancelled in each part of a long one', async () => {
    const time = createVirtualClock()
    const environment = withAnyDelay(platformLike(time))
    environment.setTimer(Number.POSITIVE_INFINITY, () => expect.unreachable())
    expect(time.timers).toEqual([])
    const timer = environment.setTimer(2 * timerMsMax, () => expect.unreachable())
    await time.advance(timerMsMax + 1)
    timer.cancel()
    expect(time.timers).toEqual([])
  })

  it.each([Number.NaN, -1, 0])('of %d ms fires at once', async (delayMs) => {
    const time = createVirtualClock()
    const environment = platformLike(time)
    withAnyDelay(environment).setTimer(delayMs, () => {})
    expect(environment.delays).toEqual([0])
  })
})

const limitsInMs = Object.keys(defaultSessionLimits).filter((name) =>
  name.endsWith('Ms'),
) as (keyof SessionLimits)[]
const unusable = [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, '500', null, {}] as unknown as number[]

describe('a limit in milliseconds', () => {
  it('is one of these, which are all tested here', () => {
    expect(limitsInMs).toEqual([
      'handlerStopMs',
      'helloTimeoutMs',
      'credentialsTimeoutMs',
      'heartbeatIntervalMs',
      'heartbeatTimeoutMs',
      'slowSubscriberMs',
      'stalledTimeoutMs',
      'overloadRetryAfterMs',
      'sessionTurnMs',
      'frameTimeoutMs',
      'closeGraceMs',
      'closeLingerMs',
      'resumeWindowMs',
      'resumeAckMs',
    ])
  })

  it.each(limitsInMs.flatMap((name) => unusable.map((given) => [name, given] as const)))(
    '%s of %s is refused',
    (name, given) => {
      expect(() => resolveSessionLimits({ [name]: given })).toThrow(
        expect.objectContaining({ code: 'INVALID_LIMITS', message: expect.stringContaining(name) }),
      )
    },
  )

  it.each(
    limitsInMs.flatMap((name) => [timerMsMax, timerMsMax + 1, days30].map((ms) => [name, ms] as const)),
  )('%s of %d does not fire early, and does not set many timers', async (name, ms) => {
    const { time, a, b } = network()
    const environment = platformLike(time)
    const limits = { limits: { [name]: ms } }
    const server = openSide('server', environment, b, limits)
    const client = openSide('client', environment, a, limits)
    await time.advance(1_000)
    const call = startCall(client.session)
    await time.advance(1)
    const closing = server.session.close()
    await time.advance(3_000)
    // The default grace is 5 s, so the call is still open.
    expect([call.code, client.session.state]).toEqual(['PENDING', 'draining'])
    expect(environment.delays.length).toBeLessThan(20)
    client.session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(0)
    await closing
    expect(time.timers).toEqual([])
  })

  it('handlerStopMs of 0 is accepted', () => {
    expect(resolveSessionLimits({ handlerStopMs: 0 }).handlerStopMs).toBe(0)
  })

  it('heartbeatTimeoutMs of 0 is refused, and heartbeatIntervalMs of 0 turns heartbeats off', () => {
    expect(() => resolveSessionLimits({ heartbeatTimeoutMs: 0 })).toThrow(/heartbeatTimeoutMs is 0/)
    expect(resolveSessionLimits({ heartbeatIntervalMs: 0 }).heartbeatIntervalMs).toBe(0)
  })
})

describe('timeoutMs of a challenge', () => {
  it.each([Number.NaN, -1, '500', null, {}])(
    'of %j is refused, and no challenge is sent',
    async (timeoutMs) => {
      const { server, client, time } = await connected()
      const asked = server.session.challenge(value(1), { timeoutMs: timeoutMs as number })
      await expect(asked).rejects.toMatchObject({ code: 'INVALID_LIMITS' })
      client.session.abort({ code: 'ABORTED', message: 'enough' })
      await time.advance(2_000)
      expect(time.timers).toEqual([])
    },
  )
})

describe('turnMs of a session host', () => {
  it.each([Number.NaN, -1, 0, 0.5, Number.POSITIVE_INFINITY, '500', null])('of %s is refused', (turnMs) => {
    const environment = createVirtualClock()
    expect(() => createSessionHost({ environment, turnMs: turnMs as number, memoryBytesMax: 1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_LIMITS', message: expect.stringContaining('turnMs') }),
    )
  })
})

describe('a retryAfterMs', () => {
  it.each([Number.NaN, -1, '500', null])(
    'of %s is refused by announceEnd, and nothing is sent',
    async (given) => {
      const { client, server, time } = await connected()
      expect(() => server.session.announceEnd({ retryAfterMs: given as number })).toThrow(
        expect.objectContaining({ code: 'INVALID_LIMITS', message: expect.stringContaining('retryAfterMs') }),
      )
      await time.settle()
      expect([client.session.state, client.recorder.goaways]).toEqual(['open', 0])
    },
  )

  it.each([
    [0, 0],
    [0.5, 1],
    [days30, days30],
    [Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER],
  ])('of %d in a goaway arrives as %d', async (given, arrived) => {
    const { client, server, time } = await connected()
    server.session.announceEnd({ retryAfterMs: given })
    await time.settle()
    expect(client.recorder.goawaysSeen).toEqual([{ isFinal: false, retryAfterMs: arrived }])
    expect(client.session.state).toBe('open')
  })

  it.each([
    [100, 100],
    [0.5, 1],
    [Number.NaN, undefined],
    [-1, undefined],
  ])('of %d in a failure arrives as %s', async (given, arrived) => {
    const { client, server, time } = await connected()
    server.recorder.onCall = (call) =>
      call.fail(new RpcError('UNAVAILABLE', 'later', { retryAfterMs: given }))
    const outcome = startCall(client.session)
    await time.settle()
    expect(outcome.error?.retryAfterMs).toBe(arrived)
  })
})

describe('close with a graceMs', () => {
  it.each([Number.NaN, -1, '500', null])('of %s is refused, and nothing is closed', async (graceMs) => {
    const { client, server, time } = await connected()
    await expect(client.session.close({ graceMs: graceMs as number })).rejects.toMatchObject({
      code: 'INVALID_LIMITS',
      message: expect.stringContaining('graceMs'),
    })
    expect([client.session.state, server.recorder.goaways]).toEqual(['open', 0])
    client.session.abort({ code: 'ABORTED', message: 'enough' })
    await time.settle()
  })

  it.each([timerMsMax + 1, days30, Number.POSITIVE_INFINITY])(
    'of %d waits for open calls',
    async (graceMs) => {
      const { time, a, b } = network()
      const environment = platformLike(time)
      const heartbeatIntervalMs = 0
      const server = openSide('server', environment, b, { limits: { heartbeatIntervalMs } })
      const client = openSide('client', environment, a, { limits: { heartbeatIntervalMs } })
      await time.advance(100)
      const call = startCall(client.session)
      await time.advance(1)
      const closed = server.session.close({ graceMs })
      await time.advance(timerMsMax)
      expect(call.code).toBe('PENDING')
      server.recorder.calls[0]?.respond({ kind: 'none' })
      await time.advance(2_000)
      await closed
      expect([call.code, time.timers]).toEqual(['OK', []])
    },
  )
})

describe('a deadlineMs', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, '500'])('of %s fails the call', async (deadlineMs) => {
    const { client, time, server } = await connected()
    const call = startCall(client.session, 'a/b', { deadlineMs: deadlineMs as number })
    await time.settle()
    expect([call.code, server.recorder.calls.length]).toEqual(['INVALID_ARGUMENT', 0])
    client.session.abort({ code: 'ABORTED', message: 'enough' })
    await time.settle()
  })
})

describe('a limit that does not exist', () => {
  it.each([
    ['heartbeatIntervallMs', 'did you mean heartbeatIntervalMs?'],
    ['nothingOfTheKind', 'limits has no "nothingOfTheKind"'],
  ])('%s is refused', (name, text) => {
    expect(() => resolveSessionLimits({ [name]: 1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_LIMITS', message: expect.stringContaining(text) }),
    )
  })
})
