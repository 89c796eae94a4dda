import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { defaultSessionLimits, type SessionEnvironment, type SessionLimits } from '../../src/session/index.ts'
import { FrameDeadline } from '../../src/session/link/frame-deadline.ts'

const second = 1_000

/** A deadline of 10 s over bytes that are set by hand. Its clock has run for a while already. */
async function watched(more: Partial<SessionLimits> = {}) {
  const clock = createVirtualClock()
  await clock.advance(100 * second)
  let stoodMs = 0
  const environment = {
    nowMs: () => clock.nowMs() + stoodMs,
    setTimer: (delayMs: number, callback: () => void) => clock.setTimer(delayMs, callback),
  }
  const source = { heldBytes: 0 }
  const late: number[] = []
  const limits = { ...defaultSessionLimits, frameTimeoutMs: 10 * second, ...more }
  const deadline = new FrameDeadline(environment as SessionEnvironment, limits, source, {
    frameLate: () => late.push(environment.nowMs() / second - 100),
  })
  /** Bytes arrive, which bring so many whole frames and leave so many bytes of another. */
  const arrive = (frames: number, heldBytes: number) => {
    deadline.received(environment.nowMs())
    for (let frame = 0; frame < frames; frame += 1) deadline.frameCame()
    source.heldBytes = heldBytes
  }
  /** Time passes in which no timer fires. */
  const standStill = (ms: number) => {
    stoodMs += ms
  }
  return { clock, late, deadline, arrive, standStill }
}

it('time runs from the begin of a frame, and not from that of an earlier one that is whole', async () => {
  const { clock, late, arrive } = await watched()
  arrive(1, 0)
  await clock.advance(9 * second)
  arrive(0, 5)
  await clock.advance(60 * second)
  expect(late).toEqual([19])
})

it('time runs from the begin of a frame whose first bytes came behind another', async () => {
  const { clock, late, arrive } = await watched()
  arrive(0, 5)
  await clock.advance(4 * second)
  arrive(1, 5)
  await clock.advance(60 * second)
  expect(late).toEqual([14])
})

it.each([
  ['that began alone', 0],
  ['that began behind another', 1],
])('the time in which this side does not read is not counted for a frame %s', async (_, framesBefore) => {
  const { clock, late, deadline, arrive } = await watched()
  arrive(framesBefore, 5)
  await clock.advance(second)
  deadline.suspend()
  await clock.advance(5 * second)
  deadline.resume()
  await clock.advance(60 * second)
  expect(late).toEqual([15])
})

it('to read on without having stopped changes nothing', async () => {
  const { clock, late, deadline, arrive } = await watched()
  arrive(1, 0)
  await clock.advance(4 * second)
  arrive(0, 5)
  deadline.resume()
  await clock.advance(60 * second)
  expect(late).toEqual([14])
})

describe('where a heartbeat finds out whether a silent peer is gone, a frame whose bytes stop', () => {
  it('is not late, and costs no timer', async () => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    arrive(0, 5)
    await clock.advance(600 * second)
    expect([late, clock.timers]).toEqual([[], []])
  })

  it('has the rest of its time when they come again', async () => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    arrive(0, 5)
    await clock.advance(60 * second)
    arrive(0, 6)
    await clock.advance(4.9 * second)
    expect(late).toEqual([])
    // 5 s of each silence count, which is half of what it has.
    await clock.advance(60 * second)
    expect(late).toEqual([65])
  })

  it('may end with them', async () => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    arrive(0, 5)
    for (let silence = 0; silence < 5; silence += 1) {
      await clock.advance(60 * second)
      arrive(1, 5)
    }
    expect(late).toEqual([])
  })

  it.each([
    ['a second', 1, 10],
    ['4 s', 4, 10],
    ['5 s', 5, 10],
    ['34 s', 34, 39],
  ])('is late when one of its bytes comes each %s', async (_, everyS, lateAtS) => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    for (let bytes = 1; bytes < 100; bytes += 1) {
      arrive(0, bytes)
      await clock.advance(everyS * second)
      if (late.length > 0) break
    }
    expect(late).toEqual([lateAtS])
  })

  it('counts no more of a silence than the time until the heartbeat asks', async () => {
    const { clock, late, deadline, arrive } = await watched({ heartbeatIntervalMs: 2 * second })
    deadline.heartbeatBegins()
    for (let bytes = 1; bytes < 5; bytes += 1) {
      arrive(0, bytes)
      await clock.advance(30 * second)
    }
    expect(late).toEqual([])
    arrive(0, 5)
    await clock.advance(30 * second)
    expect(late).toEqual([122])
  })

  it('is late when the peer is there, and only takes bytes', async () => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    arrive(0, 5)
    await clock.advance(9 * second)
    deadline.peerIsThere()
    expect(late).toEqual([])
    await clock.advance(60 * second)
    expect(late).toEqual([10])
  })

  it('is judged by its time alone where the heartbeat is off', async () => {
    const { clock, late, deadline, arrive } = await watched({ heartbeatIntervalMs: 0 })
    deadline.heartbeatBegins()
    arrive(0, 5)
    await clock.advance(60 * second)
    expect(late).toEqual([10])
  })
})

it('bytes that come while this side does not read count no time of theirs', async () => {
  const { clock, late, deadline, arrive } = await watched()
  arrive(0, 5)
  await clock.advance(2 * second)
  deadline.suspend()
  await clock.advance(30 * second)
  arrive(0, 6)
  await clock.advance(30 * second)
  deadline.resume()
  await clock.advance(60 * second)
  expect(late).toEqual([70])
})

describe('a process that stood still', () => {
  const watchedAlone = () => watched({ heartbeatIntervalMs: 0 })

  it('may read first what has come of the frame meanwhile, in parts, and ends nothing where that is all of it', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    await clock.advance(9 * second)
    standStill(60 * second)
    await clock.advance(second)
    expect(late).toEqual([])
    arrive(0, 500)
    await clock.advance(second)
    arrive(1, 0)
    await clock.advance(60 * second)
    expect(late).toEqual([])
  })

  it('counts nothing of that time when bytes are read before its timer fires', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    await clock.advance(5 * second)
    standStill(60 * second)
    arrive(0, 6)
    await clock.advance(5 * second)
    expect(late).toEqual([])
    arrive(1, 0)
    await clock.advance(60 * second)
    expect(late).toEqual([])
  })

  it('finds the frame late when nothing more of it comes', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    standStill(60 * second)
    await clock.advance(60 * second)
    expect(late).toEqual([80])
  })

  it('reads what waits in its kernel before a timer that was held up is judged', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    await clock.advance(9.9 * second)
    standStill(0.5 * second)
    await clock.advance(0.1 * second)
    arrive(1, 0)
    await clock.advance(60 * second)
    expect(late).toEqual([])
  })

  it('forgives one silence of a frame wholly, and of the others the time by which the timer is late', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 1)
    for (let bytes = 2; bytes < 20 && late.length === 0; bytes += 1) {
      await clock.advance(4 * second)
      standStill(20 * second)
      arrive(0, bytes)
    }
    // The first 24 s are forgiven. The timer fires 6 s into the third round, and finds 24 s of the second.
    expect(late).toEqual([50])
  })

  it('gives one more look to a frame, however late its timers are, byte for byte', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    for (let bytes = 1; bytes < 500 && late.length === 0; bytes += 1) {
      arrive(0, bytes)
      // The timer of 10 s is late by 150 ms each time that it fires.
      await clock.advance(0.1 * second)
      if (bytes % 100 === 99) standStill(150)
    }
    expect(late.length).toBe(1)
    expect(late[0]).toBeLessThan(12)
  })

  it('leaves out a standstill once, when it falls into a pause', async () => {
    const { clock, late, deadline, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    await clock.advance(9 * second)
    for (let round = 0; round < 50 && late.length === 0; round += 1) {
      await clock.advance(0.9 * second)
      deadline.suspend()
      standStill(1.2 * second)
      deadline.resume()
      await clock.advance(0.1 * second)
    }
    expect(late.length).toBe(1)
    expect(late[0]).toBeLessThan(30)
  })

  it('forgives the next frame as it did the one before', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    for (let frame = 0; frame < 10; frame += 1) {
      arrive(frame === 0 ? 0 : 1, 5)
      await clock.advance(9 * second)
      standStill(60 * second)
      await clock.advance(second)
    }
    arrive(1, 0)
    await clock.advance(60 * second)
    expect(late).toEqual([])
  })

  it('leaves out the time before it stops reading', async () => {
    const { clock, late, deadline, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    await clock.advance(5 * second)
    standStill(60 * second)
    deadline.suspend()
    await clock.advance(30 * second)
    deadline.resume()
    await clock.advance(4 * second)
    expect(late).toEqual([])
    await clock.advance(60 * second)
    expect(late.map((atS) => atS - 95)).toEqual([10])
  })

  it('does not excuse a timer that was merely held up', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    standStill(0.9 * second)
    await clock.advance(60 * second)
    expect(late.map(Math.round)).toEqual([11])
  })
})
