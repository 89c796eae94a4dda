import { expect, it } from 'vitest'
import { defaultSessionLimits } from '../../src/session/index.ts'
import type { GuardedChannel } from '../../src/session/link/guarded-channel.ts'
import { Heartbeat } from '../../src/session/link/heartbeat.ts'

it('a timer that comes early does not make a peer late: what is left is waited for', () => {
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
  const events = { ping: () => log.push('ping'), onlyTakes: () => undefined, lost: () => log.push('lost') }
  const channel = { queuedBytes: 0, bytesTaken: 0 } as unknown as GuardedChannel
  const limits = { ...defaultSessionLimits, heartbeatIntervalMs: 100, heartbeatTimeoutMs: 50 }
  /** Fires the timer that was set last, so many milliseconds later. */
  const fire = (ms: number) => {
    nowMs += ms
    timers.at(-1)?.fire()
  }
  new Heartbeat(environment, limits, channel, events).start()
  fire(100)
  fire(49)
  expect([log, timers.at(-1)?.delayMs]).toEqual([['ping'], 1])
  fire(1)
  fire(1)
  expect(log).toEqual(['ping', 'lost'])
})
