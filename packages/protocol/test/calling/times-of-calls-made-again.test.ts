import { describe, expect, it } from 'vitest'
import { Fate, ReplacedSessions } from '../support/replaced-sessions.ts'
import { value } from '../support/sessions.ts'

describe('the deadline of a call that is made again', () => {
  it('is not renewed: only the remaining time is sent', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const get = new Fate(world.client.get(7, { deadlineMs: 1_000 }))
    await world.time.advance(600)
    await world.replace()
    expect((world.call.deadlineAtMs as number) - world.time.nowMs()).toBe(400)
    await world.time.advance(400)
    expect(get.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: true })
    await world.end()
  })

  it('reports that the call may have run, although only the first attempt may have', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const get = new Fate(world.client.get(7, { deadlineMs: 1_000 }))
    await world.time.settle()
    await world.replace({ limits: { callsInFlightMax: 0 } })
    await world.time.advance(1_000)
    expect(get.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: true })
    expect(get.error?.message).toContain('before it was sent')
    await world.end()
  })

  it('reports that the call may have run, although only an attempt before the last but one may have', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const get = new Fate(world.client.get(7, { deadlineMs: 1_000 }))
    await world.time.settle()
    await world.replace({ limits: { callsInFlightMax: 0 } })
    await world.replace({ limits: { callsInFlightMax: 0 } })
    await world.time.advance(1_000)
    expect(world.made).toHaveLength(3)
    expect(get.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: true })
    await world.end()
  })

  it('reports that the call did not run when no attempt may have', async () => {
    const world = new ReplacedSessions({ server: { limits: { callsInFlightMax: 0 } } })
    await world.time.settle()
    const put = new Fate(world.client.put(7, { deadlineMs: 1_000 }))
    await world.replace()
    await world.time.advance(1_000)
    expect(put.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: false })
    await world.end()
  })
})

describe('the signal of a call that is made again', () => {
  it('cancels the attempt that is open', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const controller = new AbortController()
    const get = new Fate(world.client.get(7, { signal: controller.signal }))
    await world.time.settle()
    await world.replace()
    controller.abort()
    await world.time.settle()
    expect(get.error).toMatchObject({ code: 'CANCELLED', maybeExecuted: true })
    expect(world.call.signal.aborted).toBe(true)
    await world.end()
  })

  it('ends the wait that the server requested', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const controller = new AbortController()
    const put = new Fate(world.client.put(7, { signal: controller.signal }))
    await world.refuse(5_000)
    controller.abort()
    await world.time.settle()
    expect(put.error).toMatchObject({ code: 'CANCELLED', maybeExecuted: false })
    expect(world.made).toHaveLength(1)
    await world.end()
  })
})

describe('the retry time that a server requests', () => {
  it('is awaited', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const put = new Fate(world.client.put(7))
    await world.refuse(5_000)
    await world.time.advance(4_999)
    expect(world.made).toHaveLength(1)
    await world.time.advance(1)
    world.call.respond(value(8))
    await world.time.settle()
    expect(put.value).toBe(8)
    await world.end()
  })

  it.each([
    ['later than the deadline of the call', 5_000, { deadlineMs: 5_000 }],
    ['longer than five minutes', 300_001, {}],
  ])('fails the call at once when it is %s', async (_, retryAfterMs, options) => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const put = new Fate(world.client.put(7, options))
    await world.refuse(retryAfterMs)
    expect(put.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false, retryAfterMs })
    await world.end()
  })

  it('is not awaited by a closed client, whose call fails with the error of the server', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const put = new Fate(world.client.put(7))
    await world.refuse(5_000)
    world.again.close()
    await world.time.settle()
    expect(put.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false, retryAfterMs: 5_000 })
    await world.end()
  })
})
