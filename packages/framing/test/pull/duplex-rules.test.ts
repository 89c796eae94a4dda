import { describe, expect, it } from 'vitest'
import { FramingError, openFrames } from '../../src/index.ts'
import { ascii, concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

describe('a duplex of frames', () => {
  it('reports the queued bytes of its stream', () => {
    const stream = new ScriptedStream()
    stream.queuedBytes = 9
    expect(openFrames(stream).queuedBytes).toBe(9)
  })

  it('aborts its stream with the reason, which its reader gets after the earlier frames', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    stream.deliver(concat(frameOf(hex('01'))))
    const reason = new Error('enough')
    duplex.abort(reason)
    expect(await duplex.closed).toBe(reason)
    const reader = duplex[Symbol.asyncIterator]()
    expect((await reader.next()).value).toEqual(hex('01'))
    await expect(reader.next()).rejects.toBe(reason)
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(stream.log).toEqual(['abort'])
  })

  it('has one reader, and fails with ALREADY_READING for a second one', () => {
    const duplex = openFrames(new ScriptedStream())
    duplex[Symbol.asyncIterator]()
    const again = () => duplex[Symbol.asyncIterator]()
    expect(again).toThrow(expect.objectContaining({ code: 'ALREADY_READING' }))
    expect(again).toThrow(FramingError)
  })

  it('accepts the options of its codec', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream, { format: 'ascii4', frameBytesMax: 2 })
    stream.deliver(ascii('0002ab'))
    expect((await duplex[Symbol.asyncIterator]().next()).value).toEqual(ascii('ab'))
    expect(() => duplex.send(hex('010203'))).toThrow('exceeds the limit of 2')
    duplex.send(ascii('cd'))
    expect(stream.sent.map(toHex)).toEqual([toHex(ascii('0002cd'))])
  })

  it('waits for room as long as its stream does', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    stream.verdict = 'full'
    let room = false
    const waiting = duplex.drained().then(() => {
      room = true
    })
    await settle()
    expect(room).toBe(false)
    stream.drain()
    await waiting
  })

  it('pauses its stream at readAheadBytes, and resumes it at half of that', async () => {
    const stream = new ScriptedStream()
    const reader = openFrames(stream, { readAheadBytes: 4000 })[Symbol.asyncIterator]()
    const frame = frameOf(patterned(488))
    const logAfter = async (step: () => unknown) => {
      await step()
      await settle()
      return [...stream.log]
    }
    for (let held = 1; held < 4; held += 1) expect(await logAfter(() => stream.deliver(frame))).toEqual([])
    expect(await logAfter(() => stream.deliver(frame))).toEqual(['pause'])
    expect(await logAfter(() => reader.next())).toEqual(['pause'])
    expect(await logAfter(() => reader.next())).toEqual(['pause', 'resume'])
    expect(await logAfter(() => reader.next())).toEqual(['pause', 'resume'])
  })

  it('returns no held frames to a reader that has left, and aborts its stream', async () => {
    const stream = new ScriptedStream()
    const reader = openFrames(stream)[Symbol.asyncIterator]()
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02')), frameOf(hex('03'))))
    expect((await reader.next()).value).toEqual(hex('01'))
    await reader.return?.()
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(stream.log).toEqual(['abort'])
  })

  it('does not abort a stream whose reader leaves after the end of the peer', async () => {
    const stream = new ScriptedStream()
    const reader = openFrames(stream)[Symbol.asyncIterator]()
    stream.peerEnd()
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    await reader.return?.()
    expect(stream.log).toEqual([])
  })

  it('stays at its end for its reader, even if the stream breaks later', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    const reader = duplex[Symbol.asyncIterator]()
    stream.peerEnd()
    const reset = new Error('reset')
    stream.close(reset)
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(await duplex.closed).toBe(reset)
  })
})
