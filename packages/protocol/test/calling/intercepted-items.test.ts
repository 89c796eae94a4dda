import { contract, procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { interceptedItems } from '../../src/calling/intercept.ts'

const numbers = contract('numbers', { version: 1, procedures: { items: procedure({ items: z.number() }) } })
const entry = [...numbers.procedureEntries.values()][0]!

const done = { done: true, value: undefined }

/** Items from a source that counts how often it was opened, asked for an item, and left. */
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
  }, entry)
  return { counts, items }
}

describe('items that interceptors return', () => {
  it('end with return(), which also ends the source', async () => {
    const { counts, items } = counted()
    expect(await items.next()).toEqual({ done: false, value: 1 })
    expect(await items.return?.()).toEqual(done)
    expect(await items.next()).toEqual(done)
    expect(counts).toEqual({ opened: 1, asked: 1, left: 1 })
  })

  it('do not open their source when they are left before the first one is asked for', async () => {
    const { counts, items } = counted()
    expect(await items.return?.()).toEqual(done)
    expect(await items.next()).toEqual(done)
    expect(counts).toEqual({ opened: 0, asked: 0, left: 0 })
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an array', [1]],
    ['a text', 'items'],
  ])(
    'fail with INTERNAL and then end, when an interceptor returned %s in place of items',
    async (_, given) => {
      const items = interceptedItems(async () => given, entry)
      await expect(items.next()).rejects.toMatchObject({
        code: 'INTERNAL',
        message: 'an interceptor of numbers/items did not return an AsyncIterable',
      })
      expect(await items.next()).toEqual(done)
    },
  )

  it('end without a value, whatever value the source ends with', async () => {
    async function* source() {
      yield 1
      return 'the end'
    }
    const items = interceptedItems(async () => source(), entry)
    expect([await items.next(), await items.next()]).toEqual([{ done: false, value: 1 }, done])
  })

  it('can be left although their source has no return(), or could not be opened', async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }) }
    const endless = interceptedItems(async () => source, entry)
    expect(await endless.next()).toEqual({ done: false, value: 1 })
    expect(await endless.return?.()).toEqual(done)
    const broken = interceptedItems(() => Promise.reject(new Error('no')), entry)
    const first = broken.next()
    expect(await broken.return?.()).toEqual(done)
    await expect(first).rejects.toMatchObject({ code: 'UNKNOWN', maybeExecuted: true })
  })
})
