import { describe, expect, it } from 'vitest'
import { attachFrames, frameChannelOf, isFrameChannel } from '../../src/index.ts'
import { hex, toHex } from '../support/bytes.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

describe('the channel of a source', () => {
  it('is the source itself where that is a channel', () => {
    const channel = attachFrames(new ScriptedStream())
    expect(frameChannelOf(channel)).toBe(channel)
  })

  it('is made where the source is a stream of bytes', () => {
    const stream = new ScriptedStream()
    frameChannelOf(stream).send(hex('aa'))
    expect(stream.sent.map(toHex)).toEqual(['00000001aa'])
  })

  it('is none of what refuses to be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(isFrameChannel(proxy)).toBe(false)
  })
})

describe('a channel', () => {
  it('says what its stream has queued and what it holds of frames itself', () => {
    const stream = new ScriptedStream()
    const channel = attachFrames(stream)
    channel.start({ frame: () => undefined })
    stream.queuedBytes = 7
    stream.deliver(hex('0000000501'))
    expect([channel.queuedBytes, channel.heldBytes]).toEqual([7, 5])
  })

  it('passes what waits for room on from its stream', async () => {
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

  it('pauses its stream once, however often it is told', async () => {
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

  it('delivers nothing and asks its stream for nothing when it was never paused', async () => {
    const stream = new ScriptedStream()
    const channel = attachFrames(stream)
    channel.start({ frame: () => undefined })
    channel.resume()
    await settle()
    expect(stream.log).toEqual([])
  })

  it('started twice says so by its code', () => {
    const channel = attachFrames(new ScriptedStream())
    channel.start({ frame: () => undefined })
    const again = () => channel.start({ frame: () => undefined })
    expect(again).toThrow(expect.objectContaining({ code: 'ALREADY_STARTED' }))
  })
})

describe('options that cannot be looked at', () => {
  it('are taken when they can be read: only their unknown names stay unknown', () => {
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

  it('are refused with the cause when they cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const attach = () => attachFrames(new ScriptedStream(), proxy)
    expect(attach).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('format throws') }),
    )
  })
})
