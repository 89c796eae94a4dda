import { describe, expect, it } from 'vitest'
import { attachFrames, frameChannelOf, isFrameChannel } from '../../src/index.ts'
import { hex, toHex } from '../support/bytes.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

describe('the channel of a source', () => {
  it('is the source itself if that is a channel', () => {
    const channel = attachFrames(new ScriptedStream())
    expect(frameChannelOf(channel)).toBe(channel)
  })

  it('is a new one if the source is a byte stream', () => {
    const stream = new ScriptedStream()
    frameChannelOf(stream).send(hex('aa'))
    expect(stream.sent.map(toHex)).toEqual(['00000001aa'])
  })

  it('is not a value whose properties cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(isFrameChannel(proxy)).toBe(false)
  })
})

describe('a channel', () => {
  it('reports the queued bytes of its stream, and the bytes of frames that it holds', () => {
    const stream = new ScriptedStream()
    const channel = attachFrames(stream)
    channel.start({ frame: () => undefined })
    stream.queuedBytes = 7
    stream.deliver(hex('0000000501'))
    expect([channel.queuedBytes, channel.heldBytes]).toEqual([7, 5])
  })

  it('forwards drained() to its stream', async () => {
    const stream = new ScriptedStream()
    const channel = attachFrames(stream)
    stream.verdict = 'full'
    let room = false
    const waiting = channel.drained().then(() => {
      room = true
    })
    await settle()
    expect(room).toBe(false)
    stream.drain()
    await waiting
  })

  it('pauses its stream once, however often it is paused', async () => {
    const stream = new ScriptedStream()
    const channel = attachFrames(stream)
    channel.start({ frame: () => undefined })
    channel.pause()
    channel.pause()
    channel.resume()
    channel.resume()
    await settle()
    expect(stream.log).toEqual(['pause', 'resume'])
  })

  it('does nothing on resume if it was never paused', async () => {
    const stream = new ScriptedStream()
    const channel = attachFrames(stream)
    channel.start({ frame: () => undefined })
    channel.resume()
    await settle()
    expect(stream.log).toEqual([])
  })

  it('fails with ALREADY_STARTED if it is started twice', () => {
    const channel = attachFrames(new ScriptedStream())
    channel.start({ frame: () => undefined })
    const again = () => channel.start({ frame: () => undefined })
    expect(again).toThrow(expect.objectContaining({ code: 'ALREADY_STARTED' }))
  })
})

describe('options that cannot be listed', () => {
  it('are accepted if they can be read: only unknown names remain unnoticed', () => {
    const options = new Proxy(
      { frameBytesMax: 2 },
      {
        ownKeys() {
          throw new Error('from the trap')
        },
      },
    )
    expect(attachFrames(new ScriptedStream(), options).receiveBytesMax).toBe(2)
  })

  it('are refused with the cause if they cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const attach = () => attachFrames(new ScriptedStream(), proxy)
    expect(attach).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('format throws') }),
    )
  })
})
