import { expect, it } from 'vitest'
import { defaultSessionLimits } from '../../src/session/index.ts'
import type { GuardedChannel } from '../../src/session/link/guarded-channel.ts'
import { Heartbeat } from '../../src/session/link/heartbeat.ts'

/** A heartbeat whose timers the test fires, over a channel whose queue it sets. */
function started() {
  let nowMs = 0
  const timers: { delayMs: number; fire: () => void }[] = []
  const environment = {
    nowMs: () => nowMs,
    random: () => 0,
    setTimer: (delayMs: number, fire: () => void) => {
      timers.push({ delayMs, fire })
      return { cancel: () => undefined }
    },
  }
  const log: string[] = []
  const channel = { queuedBytes: 0, bytesTaken: 0 }
  const pingBytes = 6
  const events = {
    ping: () => {
      channel.queuedBytes += pingBytes
      log.push('ping')
    },
    onlyTakes: () => undefined,
    lost: () => log.push('lost'),
  }
  const limits = { ...defaultSessionLimits, heartbeatIntervalMs: 100, heartbeatTimeoutMs: 50 }
  /** Fires the last timer after `ms`. */
  const fire = (ms: number) => {
    nowMs += ms
    timers.at(-1)?.fire()
  }
  /** The kernel takes everything that is queued. */
  const take = () => {
    channel.bytesTaken += channel.queuedBytes
    channel.queuedBytes = 0
  }
  new Heartbeat(environment, limits, channel as unknown as GuardedChannel, events).start()
  return { log, timers, channel, fire, take }
}

it('a timer that fires early does not make a peer late: the rest of the time is awaited', () => {
  const { log, timers, fire } = started()
  fire(100)
  fire(49)
  expect([log, timers.at(-1)?.delayMs]).toEqual([['ping'], 1])
  fire(1)
  fire(1)
  expect(log).toEqual(['ping', 'lost'])
})

it('a ping that the kernel takes after its turn proves nothing about the peer', () => {
  const { log, fire, take } = started()
  fire(100)
  take()
  fire(50)
  fire(1)
  expect(log).toEqual(['ping', 'lost'])
})

it('a peer that has read what was queued before the ping has its full time again', () => {
  const { log, channel, fire, take } = started()
  channel.queuedBytes = 1_000
  fire(100)
  take()
  fire(50)
  expect(log).toEqual(['ping'])
  fire(50)
  fire(1)
  expect(log).toEqual(['ping', 'lost'])
})
