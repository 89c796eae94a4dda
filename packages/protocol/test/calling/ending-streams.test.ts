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
  it('whose signal is aborted already makes no call, and fails with CANCELLED and its reason, once', async () => {
    const { stream, calls } = scripted('quick', AbortSignal.abort('enough'))
    await expect(stream.next()).rejects.toMatchObject({ code: 'CANCELLED', cause: 'enough' })
    expect([await stream.next(), calls]).toEqual([done, []])
  })

  it('that has ended well gives what had arrived, also when its signal is aborted afterwards', async () => {
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

  it('that is aborted gives nothing of what had arrived, and fails with CANCELLED', async () => {
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

  it('listens to its signal while its call is open, and no longer', async () => {
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

  it('that has ended grants nothing for the items that are read then', async () => {
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

  it('that is left while an item is validated gives no item', async () => {
    const { stream, arrive } = scripted('slow')
    const first = stream.next()
    await turn()
    arrive([1])
    await turn()
    await stream.return()
    isGood(true)
    expect(await first).toEqual(done)
  })

  it('with an item that does not fit fails with INTERNAL, cancels its call and ends', async () => {
    const { stream, arrive, cancelledFor } = scripted('slow')
    const first = stream.next()
    await turn()
    arrive([1, 2])
    await turn()
    isGood(false)
    await expect(first).rejects.toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
    expect([await stream.next(), cancelledFor]).toEqual([done, [undefined]])
  })

  it('answers those who ask at the same time in the order in which they asked', async () => {
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
