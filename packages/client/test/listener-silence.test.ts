import { describe, expect, it } from 'vitest'
import { ListenerSilence } from '../src/events/listener-silence.ts'

import { news } from './support/event-listeners.ts'

describe('the silence of a client', () => {
  function silence() {
    const timers: { readonly ms: number; cancelled: boolean; fire(): void }[] = []
    const told: string[] = []
    const environment = {
      nowMs: () => 0,
      random: () => 0,
      setTimer(ms: number, fire: () => void) {
        const timer = { ms, fire, cancelled: false }
        timers.push(timer)
        const cancel = () => {
          timer.cancelled = true
        }
        return { cancel }
      },
    }
    const made = new ListenerSilence(environment, 50, (name) => void told.push(name))
    return { made, timers, told, listen: (name: string) => made.listens(news.eventEntries.get(name)!) }
  }

  it('is reported once, with the first event of handlers that has a listener', () => {
    const { timers, told, listen } = silence()
    listen('own')
    expect(timers).toEqual([])
    listen('room')
    listen('all')
    expect(timers.map(({ ms }) => ms)).toEqual([50])
    timers[0]?.fire()
    listen('all')
    expect([told, timers.length]).toEqual([['news/room'], 1])
  })

  it('ends with the first call or event, before or after the first listener, and cancels its timer once', () => {
    const before = silence()
    before.made.settle()
    before.listen('all')
    expect(before.timers).toEqual([])
    const after = silence()
    after.listen('all')
    after.made.settle()
    expect(after.timers[0]?.cancelled).toBe(true)
    if (after.timers[0] !== undefined) after.timers[0].cancelled = false
    after.made.settle()
    after.listen('all')
    expect([after.timers.length, after.timers[0]?.cancelled]).toEqual([1, false])
  })

  it('leaves no timer to cancel after it was reported', () => {
    const { made, timers, listen } = silence()
    listen('all')
    timers[0]?.fire()
    made.settle()
    expect(timers[0]?.cancelled).toBe(false)
  })
})
