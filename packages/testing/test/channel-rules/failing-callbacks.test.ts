import type { FrameSink } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { reachingProcess, waysToFail } from '../../../../tests/support/failing-callbacks.ts'
import { assertQuiet } from '../../src/index.ts'
import { recordFrames } from '../frame-recorder.ts'
import { patterned } from '../recorder.ts'
import { kinds, small, taking } from './kinds.ts'

const callbacks = ['received', 'frame', 'invalid', 'end', 'drain', 'close'] as const
const cells = callbacks.flatMap((callback) => waysToFail.map(([way, fail]) => [callback, way, fail] as const))

describe.each(kinds)('%s: a callback', (_kind, open) => {
  it.each(cells)('%s that %s aborts the channel with CALLBACK_THREW', async (callback, _way, fail) => {
    const channels = await open({ ...small, receiveBytesMax: 10 })
    const { a, b, settle } = channels
    const thrown = new Error(callback)
    const failing = { [callback]: () => fail(thrown) } as Partial<FrameSink>
    const recorder = recordFrames(a, failing)
    const { events } = recorder
    const reached = await reachingProcess(async () => {
      if (callback === 'drain') for (let sent = 0; sent < 10; sent++) a.send(taking(a, 10))
      recordFrames(b)
      if (callback === 'received' || callback === 'frame') b.send(patterned(1))
      if (callback === 'invalid') b.send(patterned(11))
      if (callback === 'end') b.end()
      if (callback === 'close') b.abort()
      await settle()
    })
    expect(reached).toEqual({ uncaught: [thrown], unhandled: [] })
    expect(events.filter((event) => event === 'close')).toHaveLength(1)
    expect(events.at(-1)).toBe('close')
    if (callback !== 'close')
      expect(recorder.closeError).toMatchObject({ code: 'CALLBACK_THREW', cause: thrown })
    assertQuiet(channels)
  })
})
