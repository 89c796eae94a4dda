import { contract, procedure, RpcError } from '@frameport/protocol'
import type { Credit } from '@frameport/protocol/envelope'
import type { OutgoingCallEvents, Session } from '@frameport/protocol/session'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { CallsOfSignals } from '../../src/calling/calls-of-signals.ts'
import { ItemStream } from '../../src/calling/item-stream.ts'

const numbers = contract('numbers', { version: 1, procedures: { items: procedure({ items: z.number() }) } })

/** A stream over a session that is played: the test says what arrives. */
function scripted(streamWindowItems: number, streamWindowBytes = 1_000_000) {
  const calls: OutgoingCallEvents[] = []
  const granted: number[] = []
  const grantedBytes: number[] = []
  const cancelledFor: (string | undefined)[] = []
  const session = {
    call(_options: unknown, events: OutgoingCallEvents) {
      calls.push(events)
      return {
        grant({ items, bytes }: Credit) {
          granted.push(items)
          grantedBytes.push(bytes)
        },
        cancel: (reason?: RpcError) => void cancelledFor.push(reason?.code),
      }
    },
  } as unknown as Session
  const entry = [...numbers.procedureEntries.values()][0]!
  const services = {
    session,
    signals: new CallsOfSignals(),
    streamWindow: { items: streamWindowItems, bytes: streamWindowBytes },
    fingerprintToSend: () => undefined,
    hookFailed: () => undefined,
    explain: (error: RpcError) => error,
    explainMismatch: (_entry: unknown, error: RpcError) => error,
  }
  const stream = new ItemStream(services, entry, {
    procedure: entry.fullName,
    input: undefined,
    metadata: {},
  } as never)
  return { stream, calls, granted, grantedBytes, cancelledFor }
}

/** Elements of the arrays that `shift` and `splice` move, until `stop`. */
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
  it('are read in order and in linear time, also when many wait', async () => {
    const count = 20_000
    const { stream, calls, granted } = scripted(count)
    const first = stream.next()
    await Promise.resolve()
    const { moved, stop } = countMoves()
    for (let value = 0; value < count; value++) calls[0]?.item({ kind: 'value', value }, 1)
    const values = [(await first).value]
    while (values.length < count) values.push((await stream.next()).value)
    stop()
    expect(values.every((value, index) => value === index)).toBe(true)
    expect(moved.elements / count).toBeLessThan(1)
    // The last one is not done with: nobody has asked for another.
    expect(granted).toEqual([count / 2])
  })

  it('are granted again by half of the window, in items or in bytes, whichever is read first', async () => {
    const { stream, calls, granted, grantedBytes } = scripted(8, 1_000)
    const first = stream.next()
    await Promise.resolve()
    for (const bytes of [100, 400, 0, 0, 0, 0, 2_000]) calls[0]?.item({ kind: 'value', value: 1 }, bytes)
    await first
    for (let read = 1; read < 7; read++) await stream.next()
    expect([granted, grantedBytes]).toEqual([
      // Bytes are free as an item is taken, and the item when the next one is asked for.
      [1, 4, 1],
      [500, 0, 2_000],
    ])
  })

  it('one at a time are granted when the next one is asked for, their bytes as they are taken', async () => {
    const { stream, calls, granted } = scripted(1)
    const first = stream.next()
    await Promise.resolve()
    calls[0]?.item({ kind: 'value', value: 1 }, 10)
    await first
    expect(granted).toEqual([])
    void stream.next()
    await new Promise(setImmediate)
    expect(granted).toEqual([1])
  })

  it('that have arrived come before the end, and before a failure', async () => {
    for (const error of [undefined, new RpcError('INTERNAL', 'broke')]) {
      const { stream, calls } = scripted(4)
      const first = stream.next()
      await Promise.resolve()
      for (const value of [1, 2]) calls[0]?.item({ kind: 'value', value }, 1)
      calls[0]?.settled(error as RpcError, { kind: 'none' })
      expect([await first, await stream.next()]).toEqual([
        { done: false, value: 1 },
        { done: false, value: 2 },
      ])
      if (error !== undefined) await expect(stream.next()).rejects.toMatchObject({ code: 'INTERNAL' })
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    }
  })

  it('are decoded when they are read, where they are long, and end the stream when they cannot be', async () => {
    const { stream, calls, cancelledFor } = scripted(4)
    const first = stream.next()
    await Promise.resolve()
    const decoded: number[] = []
    const long = (value: number) => () => {
      decoded.push(value)
      return value < 3 ? ({ kind: 'value', value } as const) : new RpcError('INTERNAL', 'no JSON')
    }
    for (const value of [1, 2, 3, 4]) calls[0]?.longItem?.(long(value), 5_000)
    expect([(await first).value, decoded]).toEqual([1, [1]])
    expect([(await stream.next()).value, decoded]).toEqual([2, [1, 2]])
    await expect(stream.next()).rejects.toMatchObject({ code: 'INTERNAL', message: 'no JSON' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect([decoded, cancelledFor]).toEqual([[1, 2, 3], ['INTERNAL']])
  })

  it('are dropped by return(), which cancels the call and says done with no value', async () => {
    const { stream, calls, cancelledFor } = scripted(4)
    const first = stream.next()
    await Promise.resolve()
    for (const value of [1, 2, 3]) calls[0]?.item({ kind: 'value', value }, 1)
    await first
    const done = { done: true, value: undefined }
    expect(await stream.return()).toEqual(done)
    expect(await stream.next()).toEqual(done)
    expect(cancelledFor).toHaveLength(1)
  })
})
