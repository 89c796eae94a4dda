import { describe, expect, it } from 'vitest'
import {
  Fate,
  inputOf,
  type LinesClient,
  line,
  opened,
  type ReplacedSessions,
  sendLines,
} from '../support/replaced-sessions.ts'
import { value } from '../support/sessions.ts'

type Lines = ReturnType<LinesClient['follow']>

/** Reads `count` items, one after the other. */
async function read(world: ReplacedSessions, stream: Lines, count: number): Promise<number[]> {
  const ids: number[] = []
  for (let left = count; left > 0; left--) {
    const asked = new Fate(stream.next())
    await world.time.settle()
    if (asked.error !== undefined) throw asked.error
    ids.push(asked.value?.value?.id ?? Number.NaN)
  }
  return ids
}

describe('a stream with resumeFrom whose session was replaced', () => {
  it('resumes after the last item that was read, with the input that its contract makes', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 0, room: 'lobby' }, { metadata: { trace: 't1' } })
    const first = new Fate(stream.next())
    await world.time.settle()
    sendLines(world.call, 1, 1)
    await first.settled
    await world.replace()
    expect(inputOf(world.call)).toEqual({ after: 1, room: 'lobby' })
    expect(world.call.metadata).toEqual({ trace: 't1' })
    sendLines(world.call, 2, 2)
    expect(await read(world, stream, 1)).toEqual([2])
    world.call.end()
    await world.end()
  })

  it('resumes after the last item that had arrived, and first gives the unread ones', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 0 })
    const first = new Fate(stream.next())
    await world.time.settle()
    expect(sendLines(world.call, 1, 9)).toBe(4)
    await first.settled
    await world.replace()
    expect(inputOf(world.call)).toEqual({ after: 4 })
    const next = world.call
    expect(await read(world, stream, 3)).toEqual([2, 3, 4])
    sendLines(next, 5, 6)
    expect(await read(world, stream, 2)).toEqual([5, 6])
    next.end()
    await world.end()
  })

  it('counts unread items, and the one that the loop works on, in its window', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 0 }, { windowItems: 6 })
    const first = new Fate(stream.next())
    await world.time.settle()
    sendLines(world.call, 1, 4)
    await first.settled
    await world.replace()
    const next = world.call
    // Three items wait, and the loop works on one.
    expect(sendLines(next, 5, 99)).toBe(6)
    // Six items wait now. They are granted again after half of the window was read.
    expect(await read(world, stream, 2)).toEqual([2, 3])
    expect(next.canSendItem).toBe(false)
    await read(world, stream, 1)
    expect(sendLines(next, 7, 99)).toBe(9)
    await stream.return?.()
    await world.end()
  })

  it('has a window in bytes too, although the last item was longer than the rest of it', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 0 }, { windowItems: 100, windowBytes: 100 })
    const first = new Fate(stream.next())
    await world.time.settle()
    sendLines(world.call, 1, 2)
    world.call.sendItem(value({ id: 3, text: 'x'.repeat(200) }))
    expect(world.call.canSendItem).toBe(false)
    await first.settled
    await world.replace()
    const next = world.call
    expect(next.canSendItem).toBe(false)
    expect(await read(world, stream, 2)).toEqual([2, 3])
    await world.time.settle()
    let bytes = 0
    for (let id = 4; next.canSendItem; id++) {
      next.sendItem(value(line(id)))
      bytes += JSON.stringify(line(id)).length
    }
    expect(bytes).toBeGreaterThanOrEqual(100)
    expect(bytes).toBeLessThan(130)
    await stream.return?.()
    await world.end()
  })

  it('gets its items one at a time when its window is one', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 0 }, { windowItems: 1 })
    const first = new Fate(stream.next())
    await world.time.settle()
    sendLines(world.call, 1, 1)
    await first.settled
    await world.replace()
    const next = world.call
    expect(next.canSendItem).toBe(false)
    const second = new Fate(stream.next())
    await world.time.settle()
    expect(sendLines(next, 2, 9)).toBe(2)
    await second.settled
    expect(second.value?.value).toEqual(line(2))
    await stream.return?.()
    await world.end()
  })

  it('is called again with its original input before the first item', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 7 })
    const first = new Fate(stream.next())
    await world.time.settle()
    await world.replace()
    expect(inputOf(world.call)).toEqual({ after: 7 })
    sendLines(world.call, 8, 8)
    await first.settled
    expect(first.value?.value).toEqual(line(8))
    await stream.return?.()
    await world.end()
  })

  it('loses and repeats no item, however often it resumes, and although some sessions give none', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 0 })
    const ids: number[] = []
    for (let round = 0; round < 20; round++) {
      const asked = new Fate(stream.next())
      await world.time.settle()
      const { after } = inputOf(world.call) as { after: number }
      sendLines(world.call, after + 1, after + 1 + (round % 4))
      await asked.settled
      ids.push(asked.value?.value?.id ?? Number.NaN)
      await world.replace()
      // No item arrives over every third session.
      if (round % 3 === 0) await world.replace()
    }
    expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    await stream.return?.()
    await world.end()
  })

  it('fails after three sessions in a row without an item, unless they live long', async () => {
    for (const livedMs of [0, 10_000]) {
      const world = await opened({ client: { limits: { heartbeatIntervalMs: 0 } } })
      const first = new Fate(world.client.follow({ after: 0 }).next())
      await world.time.settle()
      for (let moves = 0; moves < 4; moves++) {
        await world.replace()
        await world.time.advance(livedMs)
      }
      if (livedMs === 0) expect(first.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
      else expect(first.isPending).toBe(true)
      await world.end()
    }
  })

  it('keeps its deadline', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 0 }, { deadlineMs: 1_000 })
    const first = new Fate(stream.next())
    await world.time.advance(600)
    await world.replace()
    expect((world.call.deadlineAtMs as number) - world.time.nowMs()).toBe(400)
    await world.time.advance(400)
    expect(first.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: true })
    await world.end()
  })

  it('takes no token, because it repeats nothing', async () => {
    const world = await opened()
    const asked = Array.from({ length: 20 }, () => new Fate(world.client.follow({ after: 0 }).next()))
    await world.time.settle()
    await world.replace()
    expect(asked.filter(({ isPending }) => isPending)).toHaveLength(20)
    await world.end()
  })

  it('gives the items that had arrived and then fails, when the last one is invalid', async () => {
    const world = await opened()
    const stream = world.client.follow({ after: 0 })
    const first = new Fate(stream.next())
    await world.time.settle()
    sendLines(world.call, 1, 2)
    world.call.sendItem(value({ id: 'three' }))
    await first.settled
    await world.replace()
    expect(world.calls).toEqual([])
    expect(await read(world, stream, 1)).toEqual([2])
    await expect(read(world, stream, 1)).rejects.toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
    await world.end()
  })
})
