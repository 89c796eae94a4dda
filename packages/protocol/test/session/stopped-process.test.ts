import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { startPeerTimer } from '../../src/session/index.ts'
import { network } from '../support/network.ts'
import { hello, RawPeer, welcome } from '../support/raw-peer.ts'
import { openSide } from '../support/sessions.ts'
import { StoppableProcess } from '../support/stoppable-process.ts'

/** A time limit of 10 s for a peer, in a process that can be suspended. */
function limited(delayMs = 10_000) {
  const clock = createVirtualClock()
  const process = new StoppableProcess(clock)
  const overAtMs: number[] = []
  const timer = startPeerTimer(process, delayMs, () => overAtMs.push(clock.nowMs()))
  return { clock, process, overAtMs, timer }
}

describe('a time limit for a peer', () => {
  it('ends on time in a process that runs', async () => {
    const { clock, overAtMs } = limited()
    await clock.advance(60_000)
    expect([overAtMs, clock.timers]).toEqual([[10_000], []])
  })

  it.each([
    ['99 ms, expires in the next turn', 99, 10_099],
    ['100 ms, is extended by one second', 100, 11_100],
    ['an hour, is extended by one second', 3_600_000, 3_611_000],
  ])('in a process that was held up for %s', async (_, heldUpMs, expectedMs) => {
    const { clock, process, overAtMs } = limited()
    await clock.advance(9_999)
    await process.stopFor(1 + heldUpMs)
    await clock.advance(60_000)
    expect([overAtMs, clock.timers]).toEqual([[expectedMs], []])
  })

  it('is extended by at most its own length', async () => {
    const { clock, process, overAtMs } = limited(50)
    await process.stopFor(5_000)
    await clock.advance(60_000)
    expect(overAtMs).toEqual([5_050])
  })

  it('is extended only once, however often the process is suspended', async () => {
    const { clock, process, overAtMs } = limited()
    await process.stopFor(20_000)
    await clock.advance(500)
    await process.stopFor(20_000)
    expect(overAtMs).toEqual([40_500])
  })

  it('can be cancelled before and after a suspension', async () => {
    const early = limited()
    early.timer.cancel()
    const late = limited()
    for (const { clock, process } of [early, late]) {
      await process.stopFor(20_000)
      await clock.advance(500)
    }
    late.timer.cancel()
    for (const { clock, overAtMs } of [early, late]) {
      await clock.advance(60_000)
      expect([overAtMs, clock.timers]).toEqual([[], []])
    }
  })
})

describe.each([
  ['server', hello],
  ['client', welcome],
] as const)('a %s that was suspended for longer than helloTimeoutMs', (role, envelope) => {
  const stopped = async () => {
    const { time, a, b } = network()
    const process = new StoppableProcess(time)
    const side = openSide(role, process, a, { limits: { helloTimeoutMs: 5_000 } })
    const peer = new RawPeer(b)
    await time.advance(1_000)
    await process.stopFor(60_000)
    return { time, peer, ...side }
  }

  it('accepts the handshake that arrived meanwhile', async () => {
    const { time, peer, session } = await stopped()
    peer.send(envelope)
    await time.advance(5_000)
    expect(session.state).toBe('open')
  })

  it('times out a second later when none arrived', async () => {
    const { time, session, recorder } = await stopped()
    await time.advance(999)
    expect(session.state).toBe('opening')
    await time.advance(5_000)
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_TIMEOUT' }])
    expect(time.timers).toEqual([])
  })
})
