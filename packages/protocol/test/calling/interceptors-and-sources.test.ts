import { bytes, contract, procedure, RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { interceptedItems, withInterceptors } from '../../src/calling/intercept.ts'
import type { Interceptor } from '../../src/calling/interceptor.ts'

const depot = contract('depot', {
  version: 1,
  procedures: {
    store: procedure({ upload: bytes() }),
    echo: procedure({ upload: z.number(), items: z.number() }),
  },
})
const entryOf = (path: string) => depot.procedureEntries.get(path)!

/** A source that records whether it was ended. */
function source() {
  const state = { isEnded: false }
  const iterator = {
    next: () => ({ done: true, value: undefined }),
    [Symbol.iterator]: () => iterator,
    return() {
      state.isEnded = true
      return { done: true, value: undefined }
    },
  }
  return { state, iterator }
}

/** Whether the source of a call has ended after its interceptor, and the call that this one started, have finished. */
async function isEnded(path: string, interceptor: Interceptor, start: () => Promise<unknown>) {
  const { state, iterator } = source()
  const call = { upload: iterator, metadata: {} } as never
  await withInterceptors([interceptor], entryOf(path), call, start).catch(() => undefined)
  return state.isEnded
}

const passesOn: Interceptor = (call, next) => next(call)
const answers = (async () => 'by itself') as Interceptor
const throws: Interceptor = async () => {
  throw new Error('no')
}
const begins = async () => []
const fails = async () => {
  throw new RpcError('ABORTED', 'no')
}

describe('the source of a call with interceptors', () => {
  it.each<[string, string, Interceptor, () => Promise<unknown>, boolean]>([
    ['is closed if an interceptor answers the call', 'store', answers, begins, true],
    ['is closed if an interceptor answers a call with items', 'echo', answers, begins, true],
    ['is closed if an interceptor throws', 'echo', throws, begins, true],
    ['is closed if the call fails after the interceptors', 'echo', passesOn, fails, true],
    ['is closed after the call was answered', 'store', passesOn, begins, true],
    ['stays open while the items of the call are still to be read', 'echo', passesOn, begins, false],
  ])('%s', async (_, path, interceptor, start, expected) => {
    expect(await isEnded(path, interceptor, start)).toBe(expected)
  })
})

describe('items that pass through interceptors', () => {
  const entry = entryOf('echo')
  async function* three() {
    yield* [1, 2, 3]
  }

  it('begin when started() is called, which loses none of them', async () => {
    const items = interceptedItems(async () => three(), entry)
    await items.started()
    await items.started()
    expect([await items.next(), await items.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ])
    await items.started()
    expect(await items.next()).toEqual({ done: false, value: 3 })
  })

  it('never begin when they are left before', async () => {
    const items = interceptedItems(async () => three(), entry)
    await items.return?.()
    await expect(items.started()).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('have begun when they are left after the first', async () => {
    const items = interceptedItems(async () => three(), entry)
    await items.next()
    await items.return?.()
    await items.started()
  })

  it('never begin when an interceptor fails, and both started() and next() reject', async () => {
    const cause = new Error('no')
    const items = interceptedItems(() => Promise.reject(cause), entry)
    await expect(items.started()).rejects.toMatchObject({ code: 'UNKNOWN', cause })
    await expect(items.next()).rejects.toMatchObject({ code: 'UNKNOWN', cause })
  })

  it('never begin when the first one fails, and started() and next() reject with the same failure', async () => {
    const failure = new RpcError('ABORTED', 'no')
    const items = interceptedItems(
      async () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) }),
      entry,
    )
    const asked = items.started()
    await expect(asked).rejects.toBe(failure)
    await expect(items.next()).rejects.toBe(failure)
  })

  it('name their procedure when an interceptor returned no items', async () => {
    const items = interceptedItems(async () => 5, entry)
    await expect(items.next()).rejects.toMatchObject({ code: 'INTERNAL', procedure: 'depot/echo' })
  })

  it('report that they were left unread only when they were never opened', async () => {
    let unread = 0
    const made = () =>
      interceptedItems(
        async () => three(),
        entry,
        undefined,
        () => void unread++,
      )
    await made().return?.()
    expect(unread).toBe(1)
    const read = made()
    await read.next()
    await read.return?.()
    expect(unread).toBe(1)
  })
})
