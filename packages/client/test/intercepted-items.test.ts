import { describe, expect, it } from 'vitest'
import { interceptedItems } from '../src/call/intercept.ts'

const done = { done: true, value: undefined }

/** Items that are counted while they are asked for. */
function counted() {
  const counts = { opened: 0, asked: 0, left: 0 }
  const source: AsyncIterableIterator<number> = {
    [Symbol.asyncIterator]: () => source,
    next: async () => ({ done: false, value: ++counts.asked }),
    async return() {
      counts.left++
      return { done: true, value: undefined }
    },
  }
  const items = interceptedItems(async () => {
    counts.opened++
    return source
  }, 'numbers/items')
  return { counts, items }
}

describe('the items that interceptors let through', () => {
  it('are left by return(): the source is told, and nothing more is asked of it', async () => {
    const { counts, items } = counted()
    expect(await items.next()).toEqual({ done: false, value: 1 })
    expect(await items.return?.()).toEqual(done)
    expect(await items.next()).toEqual(done)
    expect(counts).toEqual({ opened: 1, asked: 1, left: 1 })
  })

  it('that were left before the first one was asked for are not opened', async () => {
    const { counts, items } = counted()
    expect(await items.return?.()).toEqual(done)
    expect(await items.next()).toEqual(done)
    expect(counts).toEqual({ opened: 0, asked: 0, left: 0 })
  })
})
