import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { defaultSessionLimits } from '../../src/session/index.ts'
import { ChannelEnding } from '../../src/session/link/channel-ending.ts'
import type { GuardedChannel } from '../../src/session/link/guarded-channel.ts'

const lingerMs = defaultSessionLimits.closeLingerMs

/** An ending of a channel whose counters the test sets. */
function ending() {
  const clock = createVirtualClock()
  const log: string[] = []
  const channel = {
    isStarted: true,
    queuedBytes: 0,
    bytesTaken: 0,
    end: () => log.push('end'),
    abort: () => log.push('abort'),
  }
  const events = { channelGone: () => log.push('gone') }
  const made = new ChannelEnding(clock, defaultSessionLimits, channel as unknown as GuardedChannel, events)
  return { clock, log, channel, made }
}

describe('an orderly end of a channel', () => {
  it('aborts the channel when nothing is queued and the peer does not end in time', async () => {
    const { clock, log, channel, made } = ending()
    made.begin(10 * lingerMs)
    channel.bytesTaken = 5
    await clock.advance(lingerMs - 1)
    expect(log).toEqual(['end'])
    await clock.advance(1)
    expect(log).toEqual(['end', 'abort'])
  })

  it('aborts the channel when the peer takes nothing of what is queued', async () => {
    const { clock, log, channel, made } = ending()
    channel.queuedBytes = 5
    made.begin(10 * lingerMs)
    await clock.advance(lingerMs)
    expect(log).toEqual(['end', 'abort'])
  })

  it('waits while the peer takes what is queued, until the given time', async () => {
    const { clock, log, channel, made } = ending()
    channel.queuedBytes = 5
    made.begin(clock.nowMs() + 3 * lingerMs)
    for (let round = 1; round <= 2; round += 1) {
      channel.bytesTaken += 1
      await clock.advance(lingerMs)
      expect(log).toEqual(['end'])
    }
    channel.bytesTaken += 1
    await clock.advance(lingerMs)
    expect(log).toEqual(['end', 'abort'])
  })
})

describe('an aborted channel', () => {
  it('counts as gone when it has not closed in time after the first abort', async () => {
    const { clock, log, made } = ending()
    made.abort()
    await clock.advance(lingerMs / 2)
    made.abort()
    await clock.advance(lingerMs / 2)
    expect(log).toEqual(['abort', 'abort', 'gone'])
  })

  it('is not awaited when it was never started', async () => {
    const { clock, log, channel, made } = ending()
    channel.isStarted = false
    made.abort()
    await clock.advance(10 * lingerMs)
    expect(log).toEqual(['abort'])
  })

  it('is not awaited when it has closed before or after', async () => {
    const before = ending()
    before.made.cancel()
    before.made.abort()
    const after = ending()
    after.made.abort()
    after.made.cancel()
    for (const { clock } of [before, after]) await clock.advance(10 * lingerMs)
    expect([before.log, after.log]).toEqual([['abort'], ['abort']])
  })
})

it('a channel that accepts nothing counts as gone and is aborted when it does not close in time', async () => {
  const { clock, log, made } = ending()
  made.expectClose()
  await clock.advance(lingerMs - 1)
  expect(log).toEqual([])
  await clock.advance(1)
  expect(log).toEqual(['gone', 'abort'])
})
