import { createVirtualClock } from '@frameport/testing'
import { expect, it } from 'vitest'
import { defaultSessionLimits } from '../../src/session/index.ts'
import { FrameDeadline } from '../../src/session/link/frame-deadline.ts'

const second = 1_000

/** A deadline of 10 s over bytes that are set by hand. Its clock has run for a while already. */
async function watched() {
  const clock = createVirtualClock()
  await clock.advance(100 * second)
  const source = { heldBytes: 0 }
  const late: number[] = []
  const limits = { ...defaultSessionLimits, frameTimeoutMs: 10 * second }
  const deadline = new FrameDeadline(clock, limits, source, () => late.push(clock.nowMs() / second - 100))
  /** Bytes arrive, which bring so many whole frames and leave so many bytes of another. */
  const arrive = (frames: number, heldBytes: number) => {
    deadline.received(clock.nowMs())
    for (let frame = 0; frame < frames; frame += 1) deadline.frameCame()
    source.heldBytes = heldBytes
  }
  return { clock, late, deadline, arrive }
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
