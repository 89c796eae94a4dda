import { safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createMemoryPair } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { createClient } from '../src/browser.ts'
import { browserPlatform } from '../src/browser-platform.ts'

const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })
const { environment, enter, keepContext, transports } = browserPlatform

describe('the build for browsers', () => {
  it('fires timers in order after their time, and never fires a cancelled one', async () => {
    const called: string[] = []
    await new Promise<void>((resolve) => {
      const cancelled = environment.setTimer(1, () => called.push('cancelled'))
      environment.setTimer(15, () => {
        called.push('last')
        resolve()
      })
      environment.setTimer(1, () => called.push('first'))
      cancelled.cancel()
    })
    expect(called).toEqual(['first', 'last'])
  })

  it('has a monotonic clock in milliseconds, and a source of random numbers', () => {
    const before = performance.now()
    const now = environment.nowMs()
    expect([now >= before, now <= performance.now()]).toEqual([true, true])
    const drawn = Array.from({ length: 20 }, () => environment.random())
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true)
    expect(new Set(drawn).size).toBeGreaterThan(1)
  })

  it('runs each callback once and synchronously, and has a transport only for WebSocket addresses', () => {
    let calls = 0
    enter(() => void calls++)
    keepContext()(() => void calls++)
    expect(calls).toBe(2)
    expect(transports.flatMap(({ schemes }) => schemes)).toEqual(['ws', 'wss'])
    expect(() => createClient(tiny, 'tcp://127.0.0.1:1' as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_TARGET' }),
    )
  })

  it('makes a client that enforces the deadline of a call, even without options', async () => {
    const { a, b } = createMemoryPair()
    const client = createClient(tiny, a)
    expect((await safe(client.ping({ deadlineMs: 5 }))).error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    b.abort()
    await client.$connection.closed()
  })
})
