import { describe, expect, it } from 'vitest'
import { attachFrames, type FrameChannel, type FrameSink } from '../../src/index.ts'
import { concat, frameOf, hex, toHex } from '../support/bytes.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

function started(onFrame: (channel: FrameChannel, frame: string, stream: ScriptedStream) => void) {
  const stream = new ScriptedStream()
  const events: string[] = []
  const channel = attachFrames(stream)
  channel.start({
    frame: (payload) => {
      events.push(toHex(payload))
      onFrame(channel, toHex(payload), stream)
    },
    end: () => events.push('end'),
    close: (...given) => events.push(['close', ...given.map((error) => error?.message)].join(' ')),
  })
  return { stream, channel, events }
}

/** Delivers chunks that were under way when the stream was paused. */
function underWay(stream: ScriptedStream, arrive: () => void): void {
  stream.paused = false
  arrive()
}

describe('the end of the peer', () => {
  it('is delivered once, after the held frames', async () => {
    const { stream, channel, events } = started(() => undefined)
    channel.pause()
    underWay(stream, () => {
      stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
      stream.peerEnd()
    })
    expect(events).toEqual([])
    channel.resume()
    await settle()
    expect(events).toEqual(['01', '02', 'end'])
    channel.pause()
    channel.resume()
    await settle()
    expect(events).toEqual(['01', '02', 'end'])
  })

  it('waits for the next resume if a held frame pauses the channel again', async () => {
    const { stream, channel, events } = started((self, frame) => {
      if (frame === '02') self.pause()
    })
    channel.pause()
    underWay(stream, () => {
      stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
      stream.peerEnd()
    })
    channel.resume()
    await settle()
    expect(events).toEqual(['01', '02'])
    channel.resume()
    await settle()
    expect(events).toEqual(['01', '02', 'end'])
  })

  it('is not delivered after an abort inside a held frame', async () => {
    const { stream, channel, events } = started((self) => self.abort())
    channel.pause()
    underWay(stream, () => {
      stream.deliver(frameOf(hex('01')))
      stream.peerEnd()
    })
    channel.resume()
    await settle()
    expect(events).toEqual(['01', 'close'])
  })

  it('and the close have no effect on a sink without methods for them', async () => {
    for (const error of [undefined, new Error('reset')]) {
      const stream = new ScriptedStream()
      const sink: FrameSink = { frame: () => undefined }
      attachFrames(stream).start(sink)
      expect(() => {
        stream.drain()
        stream.peerEnd()
        stream.close(error)
      }).not.toThrow()
    }
  })
})

describe('the close of a channel', () => {
  it('has no argument if it is orderly, and its reason otherwise', () => {
    for (const [error, told] of [
      [undefined, 'close'],
      [new Error('reset'), 'close reset'],
    ] as const) {
      const { stream, events } = started(() => undefined)
      stream.close(error)
      expect(events).toEqual([told])
    }
  })

  it('is delivered at once if a paused channel holds nothing, even after an end', () => {
    for (const ended of [false, true]) {
      const { stream, channel, events } = started(() => undefined)
      if (ended) stream.peerEnd()
      channel.pause()
      stream.close()
      expect(events).toEqual(ended ? ['end', 'close'] : ['close'])
    }
  })

  it('is delivered at once if the rest of a frame is missing and the channel is not paused', () => {
    const { stream, events } = started(() => undefined)
    stream.deliver(hex('000000'))
    stream.close()
    expect(events).toEqual(['close'])
  })

  it('is delivered once, however often a held one is aborted', () => {
    const { stream, channel, events } = started((self) => self.pause())
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    stream.close()
    channel.abort()
    channel.abort()
    expect(events).toEqual(['01', 'close'])
  })

  it('is never delivered inside abort() if nothing is held', async () => {
    const { channel, events } = started(() => undefined)
    channel.abort()
    expect(events).toEqual([])
    await settle()
    expect(events).toEqual(['close'])
  })

  it('prevents the delivery of the remaining frames of the current chunk', () => {
    const { stream, events } = started((_self, _frame, below) => below.close())
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    expect(events).toEqual(['01', 'close'])
  })

  it('leaves the stream alone afterwards, even if it was paused', async () => {
    const { stream, channel } = started(() => undefined)
    channel.pause()
    stream.close()
    channel.resume()
    await settle()
    expect(stream.log).toEqual(['pause'])
  })
})

it('frames never overlap, even over a stream that delivers inside a frame callback', () => {
  let depth = 0
  const depths: number[] = []
  const { stream, events } = started((_self, frame, below) => {
    depth += 1
    depths.push(depth)
    if (frame === '01') below.deliver(frameOf(hex('03')))
    depth -= 1
  })
  stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
  expect([events, depths]).toEqual([
    ['01', '02', '03'],
    [1, 1, 1],
  ])
})
