import { contract, procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { interceptedItems } from '../../src/calling/intercept.ts'

const numbers = contract('numbers', { version: 1, procedures: { items: procedure({ items: z.number() }) } })
const entry = [...numbers.procedureEntries.values()][0]!

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
  }, entry)
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

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an array', [1]],
    ['a text', 'items'],
  ])('fail with INTERNAL and then end, when an interceptor gave no items but %s', async (_, given) => {
    const items = interceptedItems(async () => given, entry)
    await expect(items.next()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'an interceptor of numbers/items did not return an AsyncIterable',
    })
    expect(await items.next()).toEqual(done)
  })

  it('end with no value, whatever the source gives with its end', async () => {
    async function* source() {
      yield 1
      return 'the end'
    }
    const items = interceptedItems(async () => source(), entry)
    expect([await items.next(), await items.next()]).toEqual([{ done: false, value: 1 }, done])
  })

  it('are left although the source cannot be left, or cannot be opened', async () => {
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
