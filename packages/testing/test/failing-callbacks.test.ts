import { describe, expect, it } from 'vitest'
import { reachingProcess, waysToFail } from '../../../tests/support/failing-callbacks.ts'
import { createVirtualClock, type TestingError } from '../src/index.ts'
import { kinds } from './stream-rules/kinds.ts'

const callbacks = ['data', 'end', 'drain', 'close'] as const
const cells = callbacks.flatMap((callback) => waysToFail.map(([way, fail]) => [callback, way, fail] as const))

describe.each(kinds)('%s: a sink whose callback', (_kind, open) => {
  it.each(cells)('%s %s aborts its end, like a connection', async (callback, _way, fail) => {
    const pair = await open({ windowBytes: 4, highWatermarkBytes: 4, lowWatermarkBytes: 0 })
    const thrown = new Error(callback)
    const closedWith: (Error | undefined)[] = []
    const failing = (name: string) => () => (name === callback ? (fail(thrown) as undefined) : undefined)
    pair.a.start({
      data: failing('data'),
      end: failing('end'),
      drain: failing('drain'),
      close(error) {
        closedWith.push(error)
        return failing('close')()
      },
    })
    const reached = await reachingProcess(async () => {
      if (callback === 'drain') pair.a.send(new Uint8Array(20))
      pair.b.start({ data() {}, end() {}, drain() {}, close() {} })
      if (callback === 'data') pair.b.send(new Uint8Array(1))
      if (callback === 'end') pair.b.end()
      if (callback === 'close') pair.b.abort()
      await pair.settle()
    })
    expect(reached).toEqual({ uncaught: [thrown], unhandled: [] })
    const [error] = closedWith as (TestingError | undefined)[]
    if (callback !== 'close') expect(error).toMatchObject({ code: 'CALLBACK_THREW', cause: thrown })
    expect([closedWith.length, pair.leftOvers()]).toEqual([1, []])
  })
})

describe('a timer of a clock', () => {
  it.each(waysToFail)('that %s makes the call that moved the time reject', async (_way, fail) => {
    const clock = createVirtualClock()
    const thrown = new Error('from the timer')
    clock.setTimer(1, () => fail(thrown) as undefined)
    const reached = await reachingProcess(async () => {
      await expect(clock.advance(5)).rejects.toBe(thrown)
      await clock.advance(5)
    })
    expect(reached).toEqual({ uncaught: [], unhandled: [] })
  })
})
