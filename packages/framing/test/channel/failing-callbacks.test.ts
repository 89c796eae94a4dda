import { describe, expect, it } from 'vitest'
import { reachingProcess, waysToFail } from '../../../../tests/support/failing-callbacks.ts'
import { attachFrames, type FrameSink, FramingError } from '../../src/index.ts'
import { frameOf, hex } from '../support/bytes.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

const callbacks = ['frame', 'end', 'drain', 'close'] as const
const lateWays = waysToFail.filter(([way]) => way !== 'throws')
const cells = callbacks.flatMap((callback) => lateWays.map(([way, fail]) => [callback, way, fail] as const))

function attach(failing: (typeof callbacks)[number], fail: () => unknown) {
  const stream = new ScriptedStream()
  const closedWith: (Error | undefined)[] = []
  const callback = (name: string) => () => (name === failing ? (fail() as undefined) : undefined)
  const sink: FrameSink = {
    frame: callback('frame'),
    end: callback('end'),
    drain: callback('drain'),
    close(error) {
      closedWith.push(error)
      return callback('close')()
    },
  }
  const channel = attachFrames(stream)
  channel.start(sink)
  return { stream, closedWith, channel }
}

describe('a frame sink whose callback', () => {
  it.each(cells)(
    '%s %s is reported as uncaught once, and its stream is aborted',
    async (callback, _way, fail) => {
      const thrown = new Error(callback)
      const { stream, closedWith } = attach(callback, () => fail(thrown))
      const reached = await reachingProcess(async () => {
        stream.deliver(frameOf(hex('01')))
        if (callback === 'end') stream.peerEnd()
        if (callback === 'drain') stream.drain()
        if (callback === 'close') stream.close()
        await settle()
      })
      expect(reached).toEqual({ uncaught: [thrown], unhandled: [] })
      const [error] = closedWith
      if (callback === 'close') expect([closedWith, stream.log]).toEqual([[undefined], []])
      else expect([FramingError.is(error) && error.code, error?.cause]).toEqual(['CALLBACK_THREW', thrown])
    },
  )

  it.each(waysToFail)('%s for a frame that a pause held back has the same effect', async (_way, fail) => {
    const thrown = new Error('held')
    const { stream, channel, closedWith } = attach('frame', () => fail(thrown))
    const reached = await reachingProcess(async () => {
      channel.pause()
      // The chunk arrived before the pause took effect.
      stream.paused = false
      stream.deliver(frameOf(hex('01')))
      channel.resume()
      await settle()
    })
    expect(reached).toEqual({ uncaught: [thrown], unhandled: [] })
    expect(closedWith).toMatchObject([{ code: 'CALLBACK_THREW', cause: thrown }])
  })
})
