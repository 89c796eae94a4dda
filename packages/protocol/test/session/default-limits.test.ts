import { describe, expect, it } from 'vitest'
import { resolveSessionLimits } from '../../src/session/common/session-limits.ts'
import { defaultSessionLimits } from '../../src/session/index.ts'

type Limit = keyof typeof defaultSessionLimits

it('the default limits of a session are as documented', () => {
  expect(defaultSessionLimits).toEqual({
    frameBytesMax: 1_048_576,
    bodyBytesMax: 1_048_576,
    bodiesPartialBytesMax: 8_388_608,
    pieceBytes: 16_384,
    callsInFlightMax: 256,
    onewaysInFlightMax: 256,
    handlerStopMs: 5_000,
    uploadItems: 16,
    uploadBytes: 65_536,
    callsQueuedMax: 4_096,
    callsAbandonedMax: 1_024,
    callsUnansweredMax: 1_024,
    helloTimeoutMs: 10_000,
    helloBytesMax: 65_536,
    challengesMax: 8,
    credentialsTimeoutMs: 10_000,
    heartbeatIntervalMs: 15_000,
    heartbeatTimeoutMs: 20_000,
    metadataEntriesMax: 64,
    metadataBytesMax: 8_192,
    answerBytesQueuedMax: 1_048_576,
    slowSubscriberBytesMax: 16_777_216,
    slowSubscriberMs: 30_000,
    refusalsUnreadMax: 1_024,
    refusalsPerSecondMax: 1_024,
    stalledTimeoutMs: 60_000,
    pingsBurstMax: 100,
    sessionMemoryBytesMax: 16_777_216,
    callBytesQueuedMax: 8_388_608,
    overloadRetryAfterMs: 1_000,
    sessionTurnMs: 2,
    sessionTurnStepsMax: 4_096,
    frameTimeoutMs: 30_000,
    frameBytesPerSecondMin: 1_024,
    closeGraceMs: 5_000,
    closeLingerMs: 1_000,
    resumeBytes: 0,
    resumeWindowMs: 30_000,
    resumeAckMs: 1_000,
  })
})

const mayBeZero: readonly Limit[] = [
  'callsInFlightMax',
  'onewaysInFlightMax',
  'handlerStopMs',
  'uploadItems',
  'uploadBytes',
  'heartbeatIntervalMs',
  'metadataEntriesMax',
  'metadataBytesMax',
  'closeGraceMs',
  'closeLingerMs',
  'overloadRetryAfterMs',
  'resumeBytes',
]

describe('a limit', () => {
  it.each(Object.keys(defaultSessionLimits) as Limit[])(
    '%s may be 0 only where that has a meaning',
    (name) => {
      const resolve = () => resolveSessionLimits({ [name]: 0 })
      if (mayBeZero.includes(name)) expect(resolve()[name]).toBe(0)
      else expect(resolve).toThrow(expect.objectContaining({ code: 'INVALID_LIMITS' }))
      expect(() => resolveSessionLimits({ [name]: -1 })).toThrow(`${name} is -1`)
    },
  )

  it.each([
    ['frameBytesMax', 4_096, 4_095],
    ['frameBytesMax', 2 ** 30 - 1, 2 ** 30],
  ] as const)('%s may be %i and not %i', (name, right, wrong) => {
    expect(resolveSessionLimits({ [name]: right })[name]).toBe(right)
    expect(() => resolveSessionLimits({ [name]: wrong })).toThrow(`${name} is ${wrong}`)
  })

  it('of all partial bodies is at least that of one body', () => {
    const both = { bodyBytesMax: 1_000, bodiesPartialBytesMax: 1_000 }
    expect(resolveSessionLimits(both)).toMatchObject(both)
    expect(() => resolveSessionLimits({ ...both, bodyBytesMax: 1_001 })).toThrow(
      'bodyBytesMax 1001 is over bodiesPartialBytesMax 1000',
    )
  })
})

describe('an absent limit follows a given one:', () => {
  const big = 2 ** 26
  it.each([
    [
      'a higher frameBytesMax raises bodyBytesMax and bodiesPartialBytesMax',
      { frameBytesMax: big },
      { bodyBytesMax: big, bodiesPartialBytesMax: big },
    ],
    [
      'a lower frameBytesMax does not lower bodyBytesMax',
      { frameBytesMax: 4_096 },
      { bodyBytesMax: 1_048_576 },
    ],
    [
      'a higher bodyBytesMax raises sessionMemoryBytesMax to three times its value',
      { bodyBytesMax: big },
      { sessionMemoryBytesMax: 3 * big },
    ],
    [
      'a lower bodyBytesMax does not lower bodiesPartialBytesMax',
      { bodyBytesMax: 10 },
      { bodiesPartialBytesMax: 8_388_608 },
    ],
    [
      'a lower bodiesPartialBytesMax does not lower sessionMemoryBytesMax',
      { bodiesPartialBytesMax: 2 ** 21 },
      { sessionMemoryBytesMax: 2 ** 24 },
    ],
    [
      'a higher callsInFlightMax raises refusalsPerSecondMax to four times its value',
      { callsInFlightMax: 1_000 },
      { refusalsPerSecondMax: 4_000 },
    ],
    [
      'a lower callsInFlightMax does not lower refusalsPerSecondMax',
      { callsInFlightMax: 1 },
      { refusalsPerSecondMax: 1_024 },
    ],
  ])('%s', (_, given, resolved) => {
    expect(resolveSessionLimits(given)).toMatchObject(resolved)
  })

  it('a given limit is kept', () => {
    const given = {
      frameBytesMax: big,
      bodyBytesMax: 100,
      bodiesPartialBytesMax: 200,
      sessionMemoryBytesMax: 65_536,
      callsInFlightMax: 1_000,
      refusalsPerSecondMax: 5,
    }
    expect(resolveSessionLimits(given)).toMatchObject(given)
  })
})

describe('limits that cannot change', () => {
  it('are resolved once for all sessions of a server', () => {
    const limits = Object.freeze({ frameBytesMax: 2_000_000 })
    expect(resolveSessionLimits(limits)).toBe(resolveSessionLimits(limits))
    expect(resolveSessionLimits(limits).frameBytesMax).toBe(2_000_000)
  })

  it('are read each time if the object can change', () => {
    const limits = { frameBytesMax: 2_000_000 }
    expect(resolveSessionLimits(limits).frameBytesMax).toBe(2_000_000)
    limits.frameBytesMax = 3_000_000
    expect(resolveSessionLimits(limits).frameBytesMax).toBe(3_000_000)
    let asked = 2_000_000
    const moving = Object.freeze({
      get frameBytesMax() {
        asked += 1
        return asked
      },
    })
    expect(resolveSessionLimits(moving).frameBytesMax).toBe(2_000_001)
    expect(resolveSessionLimits(moving).frameBytesMax).toBe(2_000_002)
  })
})
