import { describe, expect, it } from 'vitest'
import {
  attachFrames,
  type FrameChannel,
  type FrameCodecOptions,
  type FrameSink,
  FramingError,
} from '../../src/index.ts'
import { ascii, concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

interface Attached {
  readonly stream: ScriptedStream
  readonly channel: FrameChannel
  readonly events: string[]
}

function attached(
  options?: FrameCodecOptions,
  onFrame?: (channel: FrameChannel, text: string) => void,
  more: Partial<FrameSink> | ((events: string[]) => Partial<FrameSink>) = {},
): Attached {
  const stream = new ScriptedStream()
  const events: string[] = []
  const channel = attachFrames(stream, options)
  channel.start({
    frame: (payload) => {
      events.push(toHex(payload))
      onFrame?.(channel, toHex(payload))
    },
    end: () => events.push('end'),
    drain: () => events.push('drain'),
    close: (error) =>
      events.push(FramingError.is(error) ? `close ${error.code}` : `close ${error?.message ?? ''}`),
    ...(typeof more === 'function' ? more(events) : more),
  })
  return { stream, channel, events }
}

describe('a frame channel over a byte stream', () => {
  it('delivers lent frames one by one, whatever the chunks', () => {
    const { stream, events } = attached()
    const bytes = concat(frameOf(hex('0102')), frameOf(hex('')), frameOf(patterned(600)))
    for (let at = 0; at < bytes.length; at += 5) stream.deliver(bytes.slice(at, at + 5))
    expect(events).toEqual(['0102', '', toHex(patterned(600))])
  })

  it('lends each payload: its bytes are overwritten after the callback', () => {
    const stream = new ScriptedStream()
    const kept: Uint8Array[] = []
    attachFrames(stream).start({ frame: (payload) => kept.push(payload) })
    stream.deliver(frameOf(hex('0102')))
    expect(kept.map(toHex)).toEqual(['dbdb'])
  })

  it('sends header and payload as one piece, and returns the verdict of the stream', () => {
    const { stream, channel } = attached()
    expect(channel.send(hex('aabb'))).toBe('sent')
    stream.verdict = 'full'
    expect(channel.send([hex('01'), hex('02')])).toBe('full')
    expect(stream.sent.map(toHex)).toEqual(['00000002aabb', '000000020102'])
  })

  it('refuses to send a payload over the limit, and stays usable', () => {
    const { stream, channel } = attached({ frameBytesMax: 2 })
    expect(() => channel.send(hex('010203'))).toThrow('exceeds the limit of 2')
    expect(stream.sent).toEqual([])
    channel.sendBytesMax = 3
    expect(channel.send(hex('010203'))).toBe('sent')
  })

  it('forwards drain, end and close, and the result of drained()', async () => {
    const { stream, channel, events } = attached()
    stream.verdict = 'full'
    const drained = channel.drained()
    stream.drain()
    await drained
    stream.peerEnd()
    channel.end()
    stream.close()
    expect(events).toEqual(['drain', 'end', 'close '])
    expect(stream.log).toEqual(['end'])
  })

  it.each([
    ['a frame over the limit', hex('00100001'), 'FRAME_TOO_LONG', {}],
    ['HTTP', ascii('GET / HTTP/1.1\r\n'), 'FRAME_TOO_LONG', {}],
    ['no digits', ascii('12x4'), 'CORRUPT_LENGTH', { format: 'ascii4' as const }],
  ])(
    'aborts the stream for %s, after it has delivered the frames before',
    async (_name, garbage, code, options) => {
      const { stream, events } = attached(options)
      const front = 'format' in options ? ascii('0001a') : frameOf(ascii('a'))
      stream.deliver(concat(front, garbage))
      stream.deliver(front)
      await settle()
      expect(events).toEqual(['61', `close ${code}`])
      expect(stream.log).toEqual(['abort'])
    },
  )

  it('aborts the stream when the peer ends inside a frame', async () => {
    const { stream, events } = attached()
    stream.deliver(hex('0000000501'))
    stream.peerEnd()
    await settle()
    expect(events).toEqual(['close TRUNCATED'])
  })

  it('calls invalid() of the sink for invalid bytes, drops later bytes, and can still send', async () => {
    const { stream, channel, events } = attached({}, undefined, (told) => ({
      invalid: (error) => told.push(`invalid ${error.code}`),
    }))
    stream.deliver(concat(frameOf(hex('01')), hex('ffffffff')))
    stream.deliver(frameOf(hex('02')))
    stream.peerEnd()
    expect(channel.send(hex('aa'))).toBe('sent')
    channel.end()
    stream.close()
    await settle()
    expect(events).toEqual(['01', 'invalid FRAME_TOO_LONG', 'close '])
    expect(stream.log).toEqual(['end'])
  })

  it('calls invalid() of the sink once for an end inside a frame', () => {
    const { stream, events } = attached({}, undefined, (told) => ({
      invalid: (error) => told.push(`invalid ${error.code}`),
    }))
    stream.deliver(hex('0000000501'))
    stream.peerEnd()
    expect(events).toEqual(['invalid TRUNCATED'])
  })

  it('calls received() of the sink for each chunk, before the frames that the chunk completes', () => {
    const { stream, events } = attached({}, undefined, (told) => ({ received: () => told.push('bytes') }))
    stream.deliver(hex('000000'))
    stream.deliver(hex('0101'))
    expect(events).toEqual(['bytes', 'bytes', '01'])
  })

  it('accepts longer payloads from the next frame on, whatever the limit for sending', () => {
    const { stream, channel, events } = attached({ frameBytesMax: 1 })
    channel.receiveBytesMax = 2
    stream.deliver(frameOf(hex('0102')))
    expect(events).toEqual(['0102'])
    expect(() => channel.send(hex('0102'))).toThrow('exceeds the limit of 1')
    expect([channel.receiveBytesMax, channel.sendBytesMax, channel.frameOverheadBytes]).toEqual([2, 1, 4])
  })

  it('starts only once, for one sink', () => {
    const { channel } = attached()
    expect(() => channel.start({ frame: () => undefined })).toThrow('already has a sink')
  })

  it('delivers nothing after an abort inside a frame callback', async () => {
    const { stream, events } = attached({}, (channel) => channel.abort(new Error('enough')))
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    await settle()
    expect(events).toEqual(['01', 'close enough'])
  })

  it('delivers the remaining frames with the next chunk after a callback threw', () => {
    const { stream, events } = attached({}, (_channel, text) => {
      if (text === '01') throw new Error('from the callback')
    })
    expect(() => stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02')), hex('00')))).toThrow(
      'from the callback',
    )
    stream.deliver(hex('00000103'))
    expect(events).toEqual(['01', '02', '03'])
  })
})

describe('a paused channel', () => {
  it('does not deliver the remaining frames of the current chunk, and continues in a microtask after resume', async () => {
    const { stream, channel, events } = attached({}, (self, text) => {
      if (text === '01') self.pause()
    })
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02')), frameOf(hex('03')).subarray(0, 4)))
    stream.deliver(hex('03'))
    expect(events).toEqual(['01'])
    channel.resume()
    expect(events).toEqual(['01'])
    await settle()
    expect(events).toEqual(['01', '02', '03'])
    expect(stream.log).toEqual(['pause', 'resume'])
  })

  it('continues at once if it is resumed inside the same callback', () => {
    const { stream, events } = attached({}, (self) => {
      self.pause()
      self.resume()
    })
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    expect(events).toEqual(['01', '02'])
    expect(stream.paused).toBe(false)
  })

  it('delivers in order if chunks arrive despite the pause, after a chunk that is used up', async () => {
    const { stream, channel, events } = attached({}, (self) => self.pause())
    const delivers = (...frames: string[]) => {
      // This stream ignores its pause.
      stream.paused = false
      stream.deliver(concat(...frames.map((frame) => frameOf(hex(frame)))))
    }
    delivers('01', '02')
    delivers('03')
    channel.resume()
    await settle()
    expect(events).toEqual(['01', '02'])
    delivers('04')
    for (let n = 0; n < 4; n += 1) {
      channel.resume()
      await settle()
    }
    expect(events).toEqual(['01', '02', '03', '04'])
  })

  it('stays paused if it is paused again before the microtask', async () => {
    const { stream, channel, events } = attached({}, (self, text) => {
      if (text === '01') self.pause()
    })
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    channel.resume()
    channel.pause()
    await settle()
    expect(events).toEqual(['01'])
    channel.resume()
    await settle()
    expect(events).toEqual(['01', '02'])
  })

  it('delivers the held frames before the end and an orderly close', async () => {
    const { stream, channel, events } = attached({}, (self, text) => {
      if (text === '01') self.pause()
    })
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    stream.close()
    expect(events).toEqual(['01'])
    channel.resume()
    await settle()
    expect(events).toEqual(['01', '02', 'close '])
  })

  it('drops the held frames if the stream breaks', async () => {
    const { stream, channel, events } = attached({}, (self) => self.pause())
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    stream.close(new Error('reset'))
    channel.resume()
    await settle()
    expect(events).toEqual(['01', 'close reset'])
  })

  it('closes at once if it is aborted while it holds an orderly close', () => {
    const { stream, channel, events } = attached({}, (self) => self.pause())
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    stream.close()
    channel.abort()
    expect(events).toEqual(['01', 'close '])
  })
})
