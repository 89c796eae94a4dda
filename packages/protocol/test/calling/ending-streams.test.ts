import { getEventListeners } from 'node:events'
import { contract, procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { playedStream } from '../support/played-stream.ts'

let isGood: (good: boolean) => void = () => undefined
const slow = z.number().refine(
  () =>
    new Promise<boolean>((resolve) => {
      isGood = resolve
    }),
)
const numbers = contract('numbers', {
  version: 1,
  procedures: { quick: procedure({ items: z.number() }), slow: procedure({ items: slow }) },
})
const done = { done: true, value: undefined }
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A window of two items. */
const scripted = (name: 'quick' | 'slow', signal?: AbortSignal) =>
  playedStream(numbers.procedureEntries.get(name)!, { items: 2, bytes: 1_000 }, signal)

describe('a stream', () => {
  it('makes no call and fails once, with CANCELLED and the reason, when its signal is already aborted', async () => {
    const { stream, calls } = scripted('quick', AbortSignal.abort('enough'))
    await expect(stream.next()).rejects.toMatchObject({ code: 'CANCELLED', cause: 'enough' })
    expect([await stream.next(), calls]).toEqual([done, []])
  })

  it('gives the items that had arrived when it ended, although its signal is aborted afterwards', async () => {
    const controller = new AbortController()
    const { stream, arrive, end } = scripted('quick', controller.signal)
    const first = stream.next()
    await turn()
    arrive([1, 2])
    end()
    controller.abort()
    expect([await first, await stream.next(), await stream.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      done,
    ])
  })

  it('drops the items that had arrived and fails with CANCELLED when it is aborted', async () => {
    const controller = new AbortController()
    const { stream, arrive, cancelledFor } = scripted('quick', controller.signal)
    const first = stream.next()
    await turn()
    arrive([1, 2])
    expect((await first).value).toBe(1)
    controller.abort(new Error('enough'))
    await expect(stream.next()).rejects.toMatchObject({ code: 'CANCELLED', cause: { message: 'enough' } })
    expect(await stream.next()).toEqual(done)
    expect(cancelledFor[0]).toMatchObject({ code: 'CANCELLED' })
  })

  it('listens to its signal only while its call is open', async () => {
    const { signal } = new AbortController()
    const { stream, end } = scripted('quick', signal)
    const listeners = () => getEventListeners(signal, 'abort').length
    expect(listeners()).toBe(0)
    const first = stream.next()
    await turn()
    expect(listeners()).toBe(1)
    end()
    expect([await first, listeners()]).toEqual([done, 0])
  })

  it('grants no credit for items that are read after its end', async () => {
    const { stream, arrive, end, granted } = scripted('quick')
    const first = stream.next()
    await turn()
    arrive([1, 2, 3])
    await first
    await stream.next()
    expect(granted).toEqual([{ items: 1, bytes: 1 }])
    end()
    expect([(await stream.next()).value, (await stream.next()).done, granted.length]).toEqual([3, true, 1])
  })

  it('gives no item that was being validated when the reader left', async () => {
    const { stream, arrive } = scripted('slow')
    const first = stream.next()
    await turn()
    arrive([1])
    await turn()
    await stream.return()
    isGood(true)
    expect(await first).toEqual(done)
  })

  it('fails with INTERNAL, cancels its call and ends when an item does not fit its schema', async () => {
    const { stream, arrive, cancelledFor } = scripted('slow')
    const first = stream.next()
    await turn()
    arrive([1, 2])
    await turn()
    isGood(false)
    await expect(first).rejects.toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
    expect([await stream.next(), cancelledFor]).toEqual([done, [undefined]])
  })

  it('answers concurrent calls of next() in order', async () => {
    const { stream, arrive, end } = scripted('quick')
    const asked = [stream.next(), stream.next(), stream.next(), stream.next()]
    await turn()
    arrive([1])
    await turn()
    arrive([2, 3])
    await turn()
    end()
    expect((await Promise.all(asked)).map(({ value }) => value)).toEqual([1, 2, 3, undefined])
  })
})
