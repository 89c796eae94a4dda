import { contract, procedure, RpcError } from '@frameport/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { playedStream } from '../support/played-stream.ts'

const numbers = contract('numbers', { version: 1, procedures: { items: procedure({ items: z.number() }) } })

const played = (items: number, bytes = 1_000_000) =>
  playedStream(numbers.procedureEntries.get('items')!, { items, bytes })

/** Counts the elements of arrays that `shift` and `splice` move, until `stop` is called. */
function countMoves() {
  const moved = { elements: 0 }
  const { shift, splice } = Array.prototype
  const stop = () => void Object.assign(Array.prototype, { shift, splice })
  Array.prototype.shift = function (this: unknown[]) {
    moved.elements += this.length
    return shift.call(this)
  }
  Array.prototype.splice = function (this: unknown[], ...args: [number, number]) {
    moved.elements += this.length
    return splice.apply(this, args)
  }
  onTestFinished(stop)
  return { moved, stop }
}

describe('the items of a stream', () => {
  it('are read in order and in linear time, although many wait', async () => {
    const count = 20_000
    const { stream, arrive, granted } = played(count)
    const first = stream.next()
    await Promise.resolve()
    const { moved, stop } = countMoves()
    arrive(Array.from({ length: count }, (_, index) => index))
    const values = [(await first).value]
    while (values.length < count) values.push((await stream.next()).value)
    stop()
    expect(values.every((value, index) => value === index)).toBe(true)
    expect(moved.elements / count).toBeLessThan(1)
    // The reader has not finished with the last item, because it has not asked for another.
    expect(granted).toMatchObject([{ items: count / 2 }])
  })

  it('are granted again after half of the window was read, in items or in bytes, whichever comes first', async () => {
    const { stream, arrive, granted } = played(8, 1_000)
    const first = stream.next()
    await Promise.resolve()
    for (const bytes of [100, 400, 0, 0, 0, 0, 2_000]) arrive([1], bytes)
    await first
    for (let read = 1; read < 7; read++) await stream.next()
    // The bytes of an item are free when it is taken, and its place when the next one is asked for.
    expect(granted).toEqual([
      { items: 1, bytes: 500 },
      { items: 4, bytes: 0 },
      { items: 1, bytes: 2_000 },
    ])
  })

  it('are granted one by one in a window of one: each when the next one is asked for', async () => {
    const { stream, arrive, granted } = played(1)
    const first = stream.next()
    await Promise.resolve()
    arrive([1], 10)
    await first
    expect(granted).toEqual([])
    void stream.next()
    await new Promise(setImmediate)
    expect(granted).toMatchObject([{ items: 1 }])
  })

  it('are all given before the end or the failure, when they had arrived', async () => {
    for (const error of [undefined, new RpcError('INTERNAL', 'broke')]) {
      const { stream, arrive, end } = played(4)
      const first = stream.next()
      await Promise.resolve()
      arrive([1, 2])
      end(error)
      expect([await first, await stream.next()]).toEqual([
        { done: false, value: 1 },
        { done: false, value: 2 },
      ])
      if (error !== undefined) await expect(stream.next()).rejects.toMatchObject({ code: 'INTERNAL' })
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    }
  })

  it('are decoded when they are read if they are long, and end the stream if they cannot be decoded', async () => {
    const { stream, calls, cancelledFor } = played(4)
    const first = stream.next()
    await Promise.resolve()
    const decoded: number[] = []
    const long = (value: number) => () => {
      decoded.push(value)
      return value < 3 ? ({ kind: 'value', value } as const) : new RpcError('INTERNAL', 'no JSON')
    }
    for (const value of [1, 2, 3, 4]) calls[0]?.longItem?.(long(value), 5_000, 5_000)
    expect([(await first).value, decoded]).toEqual([1, [1]])
    expect([(await stream.next()).value, decoded]).toEqual([2, [1, 2]])
    await expect(stream.next()).rejects.toMatchObject({ code: 'INTERNAL', message: 'no JSON' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect([decoded, cancelledFor]).toMatchObject([[1, 2, 3], [{ code: 'INTERNAL' }]])
  })

  it('are dropped by return(), which cancels the call and gives done without a value', async () => {
    const { stream, arrive, cancelledFor } = played(4)
    const first = stream.next()
    await Promise.resolve()
    arrive([1, 2, 3])
    await first
    const done = { done: true, value: undefined }
    expect(await stream.return()).toEqual(done)
    expect(await stream.next()).toEqual(done)
    expect(cancelledFor).toHaveLength(1)
  })
})
