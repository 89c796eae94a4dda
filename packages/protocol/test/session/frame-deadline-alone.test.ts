import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { defaultSessionLimits, type SessionEnvironment, type SessionLimits } from '../../src/session/index.ts'
import { FrameDeadline } from '../../src/session/link/frame-deadline.ts'

const second = 1_000

/** A deadline of 10 s, for bytes that the test sets. Its clock does not begin at 0. */
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
  /** Bytes arrive that complete `frames` frames and leave `heldBytes` bytes of another. */
  const arrive = (frames: number, heldBytes: number) => {
    deadline.received(environment.nowMs())
    for (let frame = 0; frame < frames; frame += 1) deadline.frameCame()
    source.heldBytes = heldBytes
  }
  /** Time passes, and no timer fires. */
  const standStill = (ms: number) => {
    stoodMs += ms
  }
  return { clock, late, deadline, arrive, standStill }
}

it('the time of a frame begins with its first byte, and not with an earlier complete frame', async () => {
  const { clock, late, arrive } = await watched()
  arrive(1, 0)
  await clock.advance(9 * second)
  arrive(0, 5)
  await clock.advance(60 * second)
  expect(late).toEqual([19])
})

it('the time of a frame begins with its first byte when that comes in a chunk with another frame', async () => {
  const { clock, late, arrive } = await watched()
  arrive(0, 5)
  await clock.advance(4 * second)
  arrive(1, 5)
  await clock.advance(60 * second)
  expect(late).toEqual([14])
})

it.each([
  ['that began in its own chunk', 0],
  ['that began in a chunk with another frame', 1],
])('the time in which this side does not read does not count for a frame %s', async (_, framesBefore) => {
  const { clock, late, deadline, arrive } = await watched()
  arrive(framesBefore, 5)
  await clock.advance(second)
  deadline.suspend()
  await clock.advance(5 * second)
  deadline.resume()
  await clock.advance(60 * second)
  expect(late).toEqual([15])
})

it('a resume without a suspend has no effect', async () => {
  const { clock, late, deadline, arrive } = await watched()
  arrive(1, 0)
  await clock.advance(4 * second)
  arrive(0, 5)
  deadline.resume()
  await clock.advance(60 * second)
  expect(late).toEqual([14])
})

describe('a frame whose bytes stop, with a heartbeat that detects silent peers', () => {
  it('is not late, and needs no timer', async () => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    arrive(0, 5)
    await clock.advance(600 * second)
    expect([late, clock.timers]).toEqual([[], []])
  })

  it('has the rest of its time when bytes come again', async () => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    arrive(0, 5)
    await clock.advance(60 * second)
    arrive(0, 6)
    await clock.advance(4.9 * second)
    expect(late).toEqual([])
    // Of each silence, 5 s count, which is half of the frame timeout.
    await clock.advance(60 * second)
    expect(late).toEqual([65])
  })

  it('may be completed by them', async () => {
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
  ])('is late when one of its bytes comes every %s', async (_, everyS, lateAtS) => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    for (let bytes = 1; bytes < 100; bytes += 1) {
      arrive(0, bytes)
      await clock.advance(everyS * second)
      if (late.length > 0) break
    }
    expect(late).toEqual([lateAtS])
  })

  it('counts at most heartbeatIntervalMs of each silence', async () => {
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

  it('is late when the peer is alive but only reads', async () => {
    const { clock, late, deadline, arrive } = await watched()
    deadline.heartbeatBegins()
    arrive(0, 5)
    await clock.advance(9 * second)
    deadline.peerIsThere()
    expect(late).toEqual([])
    await clock.advance(60 * second)
    expect(late).toEqual([10])
  })

  it('is judged by its time alone when the heartbeat is off', async () => {
    const { clock, late, deadline, arrive } = await watched({ heartbeatIntervalMs: 0 })
    deadline.heartbeatBegins()
    arrive(0, 5)
    await clock.advance(60 * second)
    expect(late).toEqual([10])
  })
})

it('bytes that arrive while this side does not read add no time', async () => {
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

describe('a suspended process', () => {
  const watchedAlone = () => watched({ heartbeatIntervalMs: 0 })

  it('first reads the parts of the frame that arrived meanwhile, and reports nothing if it is complete then', async () => {
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

  it('does not count that time when bytes are read before its timer fires', async () => {
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

  it('reports the frame as late when nothing more arrives', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    standStill(60 * second)
    await clock.advance(60 * second)
    expect(late).toEqual([80])
  })

  it('reads what waits in the kernel before it judges after a late timer', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    await clock.advance(9.9 * second)
    standStill(0.5 * second)
    await clock.advance(0.1 * second)
    arrive(1, 0)
    await clock.advance(60 * second)
    expect(late).toEqual([])
  })

  it('excuses one silence of a frame completely, and in others only the lateness of the timer', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 1)
    for (let bytes = 2; bytes < 20 && late.length === 0; bytes += 1) {
      await clock.advance(4 * second)
      standStill(20 * second)
      arrive(0, bytes)
    }
    // The first 24 s are excused. The timer fires 6 s into the third round, and finds 24 s of the second.
    expect(late).toEqual([50])
  })

  it('gives a frame only one extra look, however often its timers are late', async () => {
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

  it('subtracts a suspension only once when reading is paused at the same time', async () => {
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

  it('excuses every frame in the same way', async () => {
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

  it('subtracts a suspension that ends when reading is paused', async () => {
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

  it('does not excuse a timer that is only a little late', async () => {
    const { clock, late, arrive, standStill } = await watchedAlone()
    arrive(0, 5)
    standStill(0.9 * second)
    await clock.advance(60 * second)
    expect(late.map(Math.round)).toEqual([11])
  })
})
