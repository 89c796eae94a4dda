import { createVirtualClock } from '@frameport/testing'
import { expect, it } from 'vitest'
import type { SessionFault } from '../../../src/session/common/session-fault.ts'
import { StallWatch } from '../../../src/session/resume/stall-watch.ts'
import { StoppableProcess } from '../../support/stoppable-process.ts'

/** A watch of 60 s in a process that can be suspended. */
function watched() {
  const clock = createVirtualClock()
  const process = new StoppableProcess(clock)
  const failedAtMs: number[] = []
  const events = { silentMs: 0, failed: (_: SessionFault) => void failedAtMs.push(clock.nowMs()) }
  return { clock, process, failedAtMs, watch: new StallWatch(process, 60_000, events) }
}

it('a peer that returns has the rest of its time for acknowledgements', async () => {
  const { clock, watch, failedAtMs } = watched()
  watch.begin()
  await clock.advance(40_000)
  watch.pause(0)
  await clock.advance(100_000)
  watch.begin()
  await clock.advance(60_000)
  expect([failedAtMs, clock.timers]).toEqual([[160_000], []])
})

it('a suspension of this process does not use up the time of a peer that returns, once in a stall', async () => {
  const { clock, process, watch, failedAtMs } = watched()
  const stoppedAndCut = async () => {
    watch.begin()
    await clock.advance(500)
    await process.stopFor(65_000)
    watch.pause(0)
  }
  await stoppedAndCut()
  watch.begin()
  await clock.advance(999)
  expect(failedAtMs).toEqual([])
  await clock.advance(1)
  expect(failedAtMs.length).toBe(1)

  const again = watched()
  again.watch.begin()
  await again.process.stopFor(59_900)
  for (let round = 0; round < 5 && again.failedAtMs.length === 0; round += 1) {
    again.watch.pause(0)
    again.watch.begin()
    await again.clock.advance(900)
  }
  expect(again.failedAtMs.length).toBe(1)
})
