import { expect, it } from 'vitest'
import { UnreadItems } from '../../src/calling/unread-items.ts'
import { heapAfterCollection } from '../support/heap.ts'

const KiB = 1024

const item = (heldBytes: number) => ({ body: { kind: 'none' }, bytes: 1, heldBytes }) as const

/** A call that counts the bytes that are kept for it. */
function call() {
  const counted = {
    bytes: 0,
    keep(bytes: number) {
      counted.bytes += bytes
    },
  }
  return counted
}

it('counts each item from its arrival until it is read', () => {
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

it('counts the items of one call at the next call when the stream continues there', () => {
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
])('of %d bytes count as %d after their stream has ended', (heldBytes, counted) => {
  const keeper = call()
  const unread = new UnreadItems()
  unread.countAt(keeper)
  unread.push(item(heldBytes))
  unread.end()
  expect(keeper.bytes).toBe(counted)
  unread.shift()
  expect(keeper.bytes).toBe(0)
})

it('stop counting when an ended stream is garbage-collected', async () => {
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
