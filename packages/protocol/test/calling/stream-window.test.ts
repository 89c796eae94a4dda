import type { Credit } from '@frameport/protocol/envelope'
import { describe, expect, it } from 'vitest'
import { StreamWindow, windowOf } from '../../src/calling/stream-window.ts'
import { guessedItemSize } from '../../src/session/flow/decoded-size.ts'

const call = (options: object) =>
  ({ procedure: undefined, input: undefined, metadata: {}, ...options }) as never

/** A producer that sends all that it may, and a reader that takes `count` items and finds nothing before each when it `starves`. */
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

it('grants an item once, when the next one is asked for', () => {
  const window = new StreamWindow({ first: { items: 2, bytes: 100 }, itemsMax: 2 })
  expect(window.asked()).toBeUndefined()
  expect(window.taken(1)).toBeUndefined()
  expect(window.asked()).toEqual({ items: 1, bytes: 1 })
  expect(window.asked()).toBeUndefined()
})

it('begins with 16 items, and doubles with the grants of a reader that had to wait, up to the limit', () => {
  const window = new StreamWindow(windowOf(call({}), { items: 100, bytes: 1_000_000 }, false))
  expect(window.size.items).toBe(16)
  const grants = read(window, window.size, 200, true)
  expect(window.size.items).toBe(100)
  // Half of the window that was read, and as much as the window grows by.
  expect(grants.slice(0, 3)).toEqual([8 + 16, 16 + 32, 32 + 36])
  expect(new Set(grants.slice(3))).toEqual(new Set([50]))
})

it('stays as it is for a reader that never waits', () => {
  const window = new StreamWindow(windowOf(call({}), { items: 100, bytes: 1_000_000 }, false))
  expect(new Set(read(window, window.size, 200, false))).toEqual(new Set([8]))
  expect(window.size.items).toBe(16)
})

it.each([1, 15, 16])('begins with a limit of %d items, and never grows over it', (items) => {
  const window = new StreamWindow(windowOf(call({}), { items, bytes: 1_000_000 }, false))
  expect(window.size.items).toBe(items)
  read(window, window.size, 200, true)
  expect(window.size.items).toBe(items)
})

it('is what its call says from the first item on, and does not grow then', () => {
  const window = new StreamWindow(
    windowOf(call({ windowItems: 40 }), { items: 100, bytes: 1_000_000 }, false),
  )
  expect(window.size.items).toBe(40)
  read(window, window.size, 200, true)
  expect(window.size.items).toBe(40)
})

it('grows in items only: its bytes stay', () => {
  const window = new StreamWindow(windowOf(call({}), { items: 100, bytes: 1_000 }, false))
  read(window, window.size, 200, true)
  expect(window.size).toEqual({ items: 100, bytes: 1_000 })
})

it('begins a call that is made again with all that it has grown to, but what is unread', () => {
  const window = new StreamWindow(windowOf(call({}), { items: 100, bytes: 1_000_000 }, false))
  read(window, window.size, 200, true)
  window.asked()
  expect(window.again({ items: 1, bytes: 1 }).items).toBe(99)
})

it('grants no less than nothing while a long item waits that came before its call was made again', () => {
  const window = new StreamWindow({ first: { items: 4, bytes: 100 }, itemsMax: 4 })
  expect(window.again({ items: 4, bytes: 503 })).toEqual({ items: 0, bytes: 0 })
  const grants = [1, 1, 1, 500].flatMap((bytes) => [window.taken(bytes), window.asked()])
  expect(grants.filter((grant) => grant !== undefined)).toEqual([
    { items: 2, bytes: 0 },
    { items: 1, bytes: 100 },
    // What the item took that was longer than the window was never free.
  ])
})

describe('in the memory of its session', () => {
  const growing = () => windowOf(call({}), { items: 100, bytes: 1_000_000 }, false)

  /** Room for so many bytes. */
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

  it('grows by what items may hold that are as long as those before, as long as there is room', () => {
    const each = guessedItemSize(1)
    expect(grownTo(84 * each)).toEqual([100, 84 * each])
    expect(grownTo(84 * each - 1)).toEqual([64, 48 * each])
    expect(grownTo(16 * each)).toEqual([32, 16 * each])
    expect(grownTo(16 * each - 1)).toEqual([16, 0])
    expect(grownTo(0)).toEqual([16, 0])
  })

  it('grows when there is room again', () => {
    const window = new StreamWindow(growing())
    let isFull = true
    window.growsIn({ mayGrow: () => !isFull, grow: () => undefined })
    read(window, window.size, 200, true)
    expect(window.size.items).toBe(16)
    isFull = false
    // Half of the window was not granted again yet.
    read(window, { items: 8, bytes: 1_000_000 }, 200, true)
    expect(window.size.items).toBe(100)
  })

  it('counts at the next session what it has grown to, whether there is room or not', () => {
    const window = new StreamWindow(growing())
    const [first, second] = [roomFor(1_000_000), roomFor(0)]
    window.growsIn(first)
    read(window, window.size, 200, true)
    window.growsIn(second)
    expect(second.bytes).toBe(first.bytes)
    expect(window.size.items).toBe(100)
  })

  it('begins with one item where memory is scarce, unless its call says more', () => {
    expect(windowOf(call({}), { items: 100, bytes: 1_000 }, true)).toEqual({
      first: { items: 1, bytes: 1_000 },
      itemsMax: 100,
    })
    expect(windowOf(call({ windowItems: 40 }), { items: 100, bytes: 1_000 }, true).first.items).toBe(40)
  })
})
