import type { Credit } from '@frameport/protocol/envelope'
import { describe, expect, it } from 'vitest'
import { StreamWindow, windowOf } from '../../src/calling/stream-window.ts'
import { guessedItemSize } from '../../src/session/flow/decoded-size.ts'

const call = (options: object) =>
  ({ procedure: undefined, input: undefined, metadata: {}, ...options }) as never

/** A producer that sends all it may, and a reader that takes `count` items and has to wait for each if it `starves`. */
function read(window: StreamWindow, granted: Credit, count: number, starves: boolean): number[] {
  let credit = granted.items
  let furthest = 0
  const grants: number[] = []
  const take = (more: Credit | undefined) => {
    if (more === undefined) return
    grants.push(more.items)
    credit += more.items
  }
  for (let number = 0; number < count; number++) {
    take(window.asked())
    if (starves) window.starved()
    furthest = Math.max(furthest, credit)
    credit -= 1
    take(window.taken(1))
  }
  expect(furthest).toBeLessThanOrEqual(window.size.items)
  return grants
}

it('grants an item again once, when the next one is asked for', () => {
  const window = new StreamWindow({ first: { items: 2, bytes: 100 }, itemsMax: 2 })
  expect(window.asked()).toBeUndefined()
  expect(window.taken(1)).toBeUndefined()
  expect(window.asked()).toEqual({ items: 1, bytes: 1 })
  expect(window.asked()).toBeUndefined()
})

it('begins with 16 items, and doubles with each grant while its reader has to wait, up to the limit', () => {
  const window = new StreamWindow(windowOf(call({}), { items: 100, bytes: 1_000_000 }, false))
  expect(window.size.items).toBe(16)
  const grants = read(window, window.size, 200, true)
  expect(window.size.items).toBe(100)
  // The half of the window that was read, plus the growth of the window.
  expect(grants.slice(0, 3)).toEqual([8 + 16, 16 + 32, 32 + 36])
  expect(new Set(grants.slice(3))).toEqual(new Set([50]))
})

it('keeps its size while its reader never waits', () => {
  const window = new StreamWindow(windowOf(call({}), { items: 100, bytes: 1_000_000 }, false))
  expect(new Set(read(window, window.size, 200, false))).toEqual(new Set([8]))
  expect(window.size.items).toBe(16)
})

it.each([1, 15, 16])('begins with %d items when that is the limit, and never exceeds it', (items) => {
  const window = new StreamWindow(windowOf(call({}), { items, bytes: 1_000_000 }, false))
  expect(window.size.items).toBe(items)
  read(window, window.size, 200, true)
  expect(window.size.items).toBe(items)
})

it('has the size that its call asks for from the start, and then does not grow', () => {
  const window = new StreamWindow(
    windowOf(call({ windowItems: 40 }), { items: 100, bytes: 1_000_000 }, false),
  )
  expect(window.size.items).toBe(40)
  read(window, window.size, 200, true)
  expect(window.size.items).toBe(40)
})

it('grows in items only, and not in bytes', () => {
  const window = new StreamWindow(windowOf(call({}), { items: 100, bytes: 1_000 }, false))
  read(window, window.size, 200, true)
  expect(window.size).toEqual({ items: 100, bytes: 1_000 })
})

it('keeps its size, minus the unread items, for a call that is made again', () => {
  const window = new StreamWindow(windowOf(call({}), { items: 100, bytes: 1_000_000 }, false))
  read(window, window.size, 200, true)
  window.asked()
  expect(window.again({ items: 1, bytes: 1 }).items).toBe(99)
})

it('never grants less than nothing, although a long item from before the call was made again still waits', () => {
  const window = new StreamWindow({ first: { items: 4, bytes: 100 }, itemsMax: 4 })
  expect(window.again({ items: 4, bytes: 503 })).toEqual({ items: 0, bytes: 0 })
  const grants = [1, 1, 1, 500].flatMap((bytes) => [window.taken(bytes), window.asked()])
  expect(grants.filter((grant) => grant !== undefined)).toEqual([
    { items: 2, bytes: 0 },
    { items: 1, bytes: 100 },
    // The part of the long item that exceeded the window was never free.
  ])
})

describe('in the memory of its session', () => {
  const growing = () => windowOf(call({}), { items: 100, bytes: 1_000_000 }, false)

  /** Room for `bytesMax` bytes. */
  function roomFor(bytesMax: number) {
    const room = {
      bytes: 0,
      mayGrow: (bytes: number) => room.bytes + bytes <= bytesMax,
      grow(bytes: number) {
        room.bytes += bytes
      },
    }
    return room
  }

  const grownTo = (bytesMax: number) => {
    const window = new StreamWindow(growing())
    const room = roomFor(bytesMax)
    window.growsIn(room)
    read(window, window.size, 1_000, true)
    return [window.size.items, room.bytes]
  }

  it('grows while there is room, by the memory of items as long as those before', () => {
    const each = guessedItemSize(1)
    expect(grownTo(84 * each)).toEqual([100, 84 * each])
    expect(grownTo(84 * each - 1)).toEqual([64, 48 * each])
    expect(grownTo(16 * each)).toEqual([32, 16 * each])
    expect(grownTo(16 * each - 1)).toEqual([16, 0])
    expect(grownTo(0)).toEqual([16, 0])
  })

  it('grows again when there is room again', () => {
    const window = new StreamWindow(growing())
    let isFull = true
    window.growsIn({ mayGrow: () => !isFull, grow: () => undefined })
    read(window, window.size, 200, true)
    expect(window.size.items).toBe(16)
    isFull = false
    // Half of the window has not been granted again yet.
    read(window, { items: 8, bytes: 1_000_000 }, 200, true)
    expect(window.size.items).toBe(100)
  })

  it('counts its full size at the next session, whether or not that has room', () => {
    const window = new StreamWindow(growing())
    const [first, second] = [roomFor(1_000_000), roomFor(0)]
    window.growsIn(first)
    read(window, window.size, 200, true)
    window.growsIn(second)
    expect(second.bytes).toBe(first.bytes)
    expect(window.size.items).toBe(100)
  })

  it('begins with one item when memory is scarce, unless its call asks for more', () => {
    expect(windowOf(call({}), { items: 100, bytes: 1_000 }, true)).toEqual({
      first: { items: 1, bytes: 1_000 },
      itemsMax: 100,
    })
    expect(windowOf(call({ windowItems: 40 }), { items: 100, bytes: 1_000 }, true).first.items).toBe(40)
  })
})
