import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/rpc-error.ts'
import type { IncomingCall } from '../../src/session/index.ts'
import { Fate, inputOf, line, opened, sendLines } from '../support/replaced-sessions.ts'
import { value } from '../support/sessions.ts'

describe('a stream that waits for another session', () => {
  it.each(['left', 'cancelled', 'closed'] as const)('ends at once: %s', async (how) => {
    const world = await opened()
    const controller = new AbortController()
    const stream = world.client.watch({ after: 0 }, { signal: controller.signal })
    const first = new Fate(stream.next())
    await world.refuse(7_000)
    expect(first.isPending).toBe(true)
    const waits = () => world.time.timers.filter(({ dueAtMs }) => dueAtMs === 7_000).length
    expect(waits()).toBe(1)
    if (how === 'left') await stream.return?.()
    else if (how === 'cancelled') controller.abort()
    else world.again.close()
    await world.time.settle()
    if (how === 'left') expect(first.value).toEqual({ done: true, value: undefined })
    else {
      const code = how === 'cancelled' ? 'CANCELLED' : 'UNAVAILABLE'
      expect(first.error).toMatchObject({ code, maybeExecuted: false })
    }
    expect([waits(), world.made.length]).toEqual([0, 1])
    await world.end()
  })
})

describe('a stream without resumeFrom whose session was replaced', () => {
  it('is made again when it was not executed', async () => {
    const world = await opened()
    const stream = world.client.watch({ after: 3 })
    const first = new Fate(stream.next())
    await world.refuse()
    expect(inputOf(world.call)).toEqual({ after: 3 })
    sendLines(world.call, 4, 4)
    await first.settled
    expect(first.value?.value).toEqual(line(4))
    await stream.return?.()
    await world.end()
  })

  it('reports that its handler has begun, although it is the handler of the next session', async () => {
    const world = await opened()
    const started = new Fate(
      world.client
        .watch({ after: 3 })
        .started()
        .then(() => 'begun'),
    )
    await world.refuse()
    expect(started.isPending).toBe(true)
    world.call.handlerStarted()
    await world.time.settle()
    expect(started.value).toBe('begun')
    await world.end()
  })

  it.each([
    ['had not started and is not idempotent', 'watch', () => undefined, 0],
    ['has returned an item', 'list', (call: IncomingCall) => void sendLines(call, 1, 1), 1],
  ] as const)('gives the items that had arrived and fails, when it %s', async (_, name, happens, items) => {
    const world = await opened()
    const stream = world.client[name]({ after: 0 })
    const first = new Fate(stream.next())
    await world.time.settle()
    happens(world.call)
    await world.time.settle()
    await world.replace()
    await first.settled
    if (items > 0) expect(first.value?.value).toEqual(line(1))
    const end = items > 0 ? new Fate(stream.next()) : first
    await world.time.settle()
    expect(end.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    expect(world.calls).toEqual([])
    await world.end()
  })

  it('fails when it has reported that its handler had begun, because events since then are lost', async () => {
    const world = await opened()
    const stream = world.client.list({ after: 0 })
    const started = new Fate(stream.started().then(() => 'begun'))
    await world.time.settle()
    world.call.handlerStarted()
    await world.time.settle()
    expect(started.value).toBe('begun')
    await world.replace()
    await expect(stream.next()).rejects.toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    await world.end()
  })

  it('is made again while there are tokens, if it is idempotent and gave no item', async () => {
    const world = await opened()
    const asked = Array.from({ length: 6 }, () => new Fate(world.client.list({ after: 0 }).next()))
    await world.time.settle()
    await world.replace()
    expect(asked.filter(({ isPending }) => isPending)).toHaveLength(4)
    await world.end()
  })

  it('fails with the error of its handler, whatever the code', async () => {
    const world = await opened()
    const first = new Fate(world.client.follow({ after: 0 }).next())
    await world.time.settle()
    const { call } = world
    world.connect()
    call.fail(new RpcError('UNAVAILABLE', 'not now'))
    await world.time.settle()
    expect(first.error).toMatchObject({ code: 'UNAVAILABLE', message: 'not now', maybeExecuted: false })
    await world.end()
  })
})

describe('a stream with an upload whose session was replaced', () => {
  it('sends its items from the first one when it was not executed and its source is unread', async () => {
    const world = await opened({ server: { limits: { callsInFlightMax: 0 } } })
    const numbers = [1, 2]
    const first = new Fate(world.client.echo(numbers.values()).next())
    await world.time.settle()
    const items: unknown[] = []
    world.connect({})
    world.server.recorder.onCall = (call) =>
      call.upload?.receive({
        item: (body) => items.push(body),
        end: () => call.sendItem(value(items.length)),
      })
    world.clients[0]?.stream.abort()
    await world.time.settle()
    expect([items, first.value]).toEqual([[value(1), value(2)], { done: false, value: 2 }])
    await world.end()
  })

  it('fails when its source was read', async () => {
    const world = await opened()
    const first = new Fate(world.client.echo([1, 2].values()).next())
    await world.refuse()
    expect(first.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    await world.end()
  })
})
