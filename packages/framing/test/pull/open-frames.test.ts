import { describe, expect, it, onTestFinished } from 'vitest'
import { FramingError, framingLimits, openFrames, readFrames } from '../../src/index.ts'
import { concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

async function collect(source: AsyncIterable<Uint8Array>): Promise<string[]> {
  const result: string[] = []
  for await (const frame of source) result.push(toHex(frame))
  return result
}

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was thrown',
    (error: unknown) => (FramingError.is(error) ? error.code : String(error)),
  )
}

describe('a duplex of frames', () => {
  it('returns copies to its reader until the peer ends', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    const reading = collect(duplex)
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('0203')).subarray(0, 5)))
    await settle()
    stream.deliver(hex('03'))
    stream.peerEnd()
    expect(await reading).toEqual(['01', '0203'])
  })

  it('sends, ends, and resolves `closed`', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    expect(duplex.send(hex('01'))).toBe('sent')
    stream.verdict = 'full'
    expect(duplex.send(hex('02'))).toBe('full')
    const drained = duplex.drained()
    stream.drain()
    await drained
    duplex.end()
    stream.close()
    expect(await duplex.closed).toBeUndefined()
    expect(toHex(stream.sentBytes)).toBe('00000001010000000102')
    expect(stream.log).toEqual(['end'])
  })

  it('pauses the stream if its reader is slow, and resumes it when half is taken', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream, { readAheadBytes: 2500 })
    const frame = frameOf(patterned(400))
    for (let count = 0; count < 10; count += 1) stream.deliver(frame)
    expect(stream.log).toEqual(['pause'])
    const reader = duplex[Symbol.asyncIterator]()
    await reader.next()
    await reader.next()
    await settle()
    expect(stream.log.slice(0, 2)).toEqual(['pause', 'resume'])
    for (let count = 2; count < 10; count += 1) expect((await reader.next()).value).toEqual(patterned(400))
    await settle()
    expect(stream.paused).toBe(false)
  })

  it('holds a bounded number of empty frames', () => {
    const stream = new ScriptedStream()
    openFrames(stream)
    const held = framingLimits.readAheadBytes / framingLimits.heldFrameOverheadBytes
    for (let count = 0; count < held - 1; count += 1) stream.deliver(hex('00000000'))
    expect(stream.paused).toBe(false)
    stream.deliver(hex('00000000'))
    expect(stream.paused).toBe(true)
  })

  it('throws the error of the stream once, after the frames before it', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    stream.deliver(concat(frameOf(hex('01')), hex('ffffffff')))
    await settle()
    const reader = duplex[Symbol.asyncIterator]()
    expect((await reader.next()).value).toEqual(hex('01'))
    expect(await codeOf(reader.next())).toBe('FRAME_TOO_LONG')
    expect((await reader.next()).done).toBe(true)
    expect(FramingError.is(await duplex.closed)).toBe(true)
  })

  it('rejects a waiting reader if the stream breaks or ends inside a frame', async () => {
    const broken = new ScriptedStream()
    const reading = codeOf(collect(openFrames(broken)))
    broken.close(new Error('reset'))
    expect(await reading).toBe('Error: reset')
    const cut = new ScriptedStream()
    const other = codeOf(collect(openFrames(cut)))
    cut.deliver(hex('0000'))
    cut.peerEnd()
    expect(await other).toBe('TRUNCATED')
  })

  it('answers concurrent calls of next() in order', async () => {
    const stream = new ScriptedStream()
    const reader = openFrames(stream)[Symbol.asyncIterator]()
    const results = Promise.all([reader.next(), reader.next(), reader.next()])
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    stream.peerEnd()
    expect(await results).toEqual([
      { done: false, value: hex('01') },
      { done: false, value: hex('02') },
      { done: true, value: undefined },
    ])
  })

  it('has one reader, and aborts the stream if that reader leaves early', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02'))))
    for await (const frame of duplex) {
      expect(frame).toEqual(hex('01'))
      break
    }
    expect(stream.log).toEqual(['abort'])
    expect(() => duplex[Symbol.asyncIterator]()).toThrow(FramingError)
    expect(await duplex.closed).toBeUndefined()
  })

  it('moves no long array, however many frames are held and calls of next() wait', async () => {
    const count = 20_000
    const stream = new ScriptedStream()
    const reader = openFrames(stream, { readAheadBytes: 1e9 })[Symbol.asyncIterator]()
    for (let frame = 0; frame < count; frame += 1) stream.deliver(hex('0000000101'))
    let moved = 0
    const { shift, slice, splice } = Array.prototype
    const counting = (own: (...args: never[]) => unknown) =>
      function (this: unknown[], ...args: never[]) {
        moved += this.length
        return own.apply(this, args)
      }
    onTestFinished(() => void Object.assign(Array.prototype, { shift, slice, splice }))
    Object.assign(Array.prototype, {
      shift: counting(shift),
      slice: counting(slice),
      splice: counting(splice),
    })
    for (let frame = 0; frame < count; frame += 1) await reader.next()
    const waiting = Array.from({ length: count }, () => reader.next())
    for (let frame = 0; frame < count; frame += 1) stream.deliver(hex('0000000102'))
    Object.assign(Array.prototype, { shift, slice, splice })
    expect(moved / (2 * count)).toBeLessThan(1)
    expect((await Promise.all(waiting)).every(({ value }) => value?.[0] === 2)).toBe(true)
  })

  it('settles every waiting call of next() when the reader leaves and when the stream breaks', async () => {
    const done = { done: true, value: undefined }
    const leaving = openFrames(new ScriptedStream())[Symbol.asyncIterator]()
    const left = [leaving.next(), leaving.next()]
    expect(await leaving.return?.()).toEqual(done)
    expect(await Promise.all([...left, leaving.next(), leaving.return?.()])).toEqual([done, done, done, done])
    const stream = new ScriptedStream()
    const ending = openFrames(stream)[Symbol.asyncIterator]()
    const waiting = [ending.next(), ending.next(), ending.next()]
    const error = new Error('reset')
    stream.close(error)
    const settled = await Promise.allSettled(waiting)
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })

  it('returns nothing more to a reader that has left, although frames were held and the stream does not close', async () => {
    const stream = new ScriptedStream()
    stream.abort = () => void stream.log.push('abort')
    const reader = openFrames(stream)[Symbol.asyncIterator]()
    const waiting = [reader.next(), reader.next()]
    stream.deliver(concat(frameOf(hex('01')), frameOf(hex('02')), frameOf(hex('03')), frameOf(hex('04'))))
    expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual([hex('01'), hex('02')])
    const results: unknown[] = []
    for (const result of [reader.return?.(), reader.next(), reader.next()])
      void result?.then((given) => results.push(given))
    await settle()
    const done = { done: true, value: undefined }
    expect([results, stream.log]).toEqual([[done, done, done], ['abort']])
  })

  it('can still send if its reader leaves after the end of the peer', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    stream.deliver(frameOf(hex('01')))
    stream.peerEnd()
    await duplex[Symbol.asyncIterator]().return?.()
    expect([stream.log, duplex.send(hex('02'))]).toEqual([[], 'sent'])
  })

  it('resumes the stream when exactly half of readAheadBytes is left', async () => {
    const stream = new ScriptedStream()
    const held = 400 + framingLimits.heldFrameOverheadBytes
    const reader = openFrames(stream, { readAheadBytes: 4 * held })[Symbol.asyncIterator]()
    for (let count = 0; count < 4; count += 1) stream.deliver(frameOf(patterned(400)))
    await reader.next()
    expect(stream.log).toEqual(['pause'])
    await reader.next()
    expect(stream.log).toEqual(['pause', 'resume'])
  })

  it('holds one frame at a time with readAheadBytes 1', async () => {
    const stream = new ScriptedStream()
    const reader = openFrames(stream, { readAheadBytes: 1 })[Symbol.asyncIterator]()
    for (const byte of ['01', '02']) stream.deliver(frameOf(hex(byte)))
    expect(stream.log).toEqual(['pause'])
    expect((await reader.next()).value).toEqual(hex('01'))
    expect(stream.log).toEqual(['pause', 'resume', 'pause'])
    expect((await reader.next()).value).toEqual(hex('02'))
  })

  it('reports no error to a reader that has left, although the stream broke before', async () => {
    const stream = new ScriptedStream()
    const duplex = openFrames(stream)
    const reader = duplex[Symbol.asyncIterator]()
    stream.deliver(frameOf(hex('01')))
    stream.close(new Error('reset'))
    await reader.return?.()
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(await duplex.closed).toMatchObject({ message: 'reset' })
  })

  it.each([0, 1.5, -1, Number.NaN])('refuses readAheadBytes of %s', (readAheadBytes) => {
    expect(() => openFrames(new ScriptedStream(), { readAheadBytes })).toThrow('readAheadBytes')
  })

  it('is the base of readFrames over a byte stream', async () => {
    const stream = new ScriptedStream()
    const reading = collect(readFrames(stream))
    await settle()
    stream.deliver(frameOf(hex('0102')))
    stream.peerEnd()
    expect(await reading).toEqual(['0102'])
  })
})
