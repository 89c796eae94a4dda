import { expect, it } from 'vitest'
import { UnreadItems } from '../../src/calling/unread-items.ts'
import { heapAfterCollection } from '../support/heap.ts'

const KiB = 1024

const item = (heldBytes: number) => ({ body: { kind: 'none' }, bytes: 1, heldBytes }) as const

/** A call that says how much is kept for it. */
function call() {
  const counted = {
    bytes: 0,
    keep(bytes: number) {
      counted.bytes += bytes
    },
  }
  return counted
}

it('counts each item from when it comes until it is read', () => {
  const keeper = call()
  const unread = new UnreadItems()
  unread.countAt(keeper)
  for (const heldBytes of [100, 200, 300]) unread.push(item(heldBytes))
  expect([keeper.bytes, unread.size]).toEqual([600, { items: 3, bytes: 3 }])
  expect(unread.shift()).toMatchObject({ heldBytes: 100 })
  expect([keeper.bytes, unread.size]).toEqual([500, { items: 2, bytes: 2 }])
  unread.clear()
  expect([keeper.bytes, unread.size, unread.shift()]).toEqual([0, { items: 0, bytes: 0 }, undefined])
})

it('counts those that came on one call at the next when the stream goes on there', () => {
  const [first, second] = [call(), call()]
  const unread = new UnreadItems()
  unread.push(item(50))
  unread.countAt(first)
  unread.push(item(100))
  expect(first.bytes).toBe(150)
  unread.countAt(second)
  expect([first.bytes, second.bytes]).toEqual([0, 150])
  unread.shift()
  expect([first.bytes, second.bytes]).toEqual([0, 100])
})

it.each([
  [16 * KiB - 1, 0],
  [16 * KiB, 16 * KiB],
  [1_000 * KiB, 1_000 * KiB],
])('counts %d bytes of a stream that has ended with %d', (heldBytes, counted) => {
  const keeper = call()
  const unread = new UnreadItems()
  unread.countAt(keeper)
  unread.push(item(heldBytes))
  unread.end()
  expect(keeper.bytes).toBe(counted)
  unread.shift()
  expect(keeper.bytes).toBe(0)
})

it('counts no longer what a stream held that has ended and was dropped', async () => {
  const keeper = call()
  const end = () => {
    const unread = new UnreadItems()
    unread.countAt(keeper)
    unread.push(item(100 * KiB))
    unread.end()
  }
  end()
  expect(keeper.bytes).toBe(100 * KiB)
  const collected = () => {
    heapAfterCollection()
    return keeper.bytes
  }
  await expect.poll(collected, { timeout: 20_000, interval: 10 }).toBe(0)
})
