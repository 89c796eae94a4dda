import { describe, expect, it } from 'vitest'
import { FrameWriter, type FramingError, writeFrames } from '../../src/index.ts'
import { hex, toHex } from '../support/bytes.ts'
import { codeOf, collector } from '../support/refusals.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

type Listener = (...args: unknown[]) => void

/** A Node.js Writable under the control of the test, which records its calls. */
class HandWritable {
  readonly log: string[] = []
  room = true
  readonly listeners = new Map<string, Listener[]>()

  write(chunk: Uint8Array): boolean {
    this.log.push(toHex(chunk))
    return this.room
  }

  end(): void {
    this.log.push('end')
  }

  on(event: string, listener: Listener): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener])
  }

  removeListener(event: string, listener: Listener): void {
    this.listeners.set(
      event,
      (this.listeners.get(event) ?? []).filter((other) => other !== listener),
    )
  }

  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.listeners.get(event) ?? []) listener(...args)
  }
}

class CorkedWritable extends HandWritable {
  cork(): void {
    this.log.push('cork')
  }

  uncork(): void {
    this.log.push('uncork')
  }
}

/** Records whether a promise has settled. */
function watched(promise: Promise<unknown>): { settled: boolean; readonly promise: Promise<unknown> } {
  const state = { settled: false, promise }
  const done = () => {
    state.settled = true
  }
  promise.then(done, done)
  return state
}

describe('a Node.js stream', () => {
  it('is corked around the parts of a frame, if it has cork', async () => {
    const corked = new CorkedWritable()
    await new FrameWriter(corked).write(hex('aa'))
    expect(corked.log).toEqual(['cork', '00000001', 'aa', 'uncork'])
    const plain = new HandWritable()
    await new FrameWriter(plain).write(hex('aa'))
    expect(plain.log).toEqual(['00000001', 'aa'])
  })

  it('without room holds the write and all later ones until it drains', async () => {
    const writable = new HandWritable()
    const writer = new FrameWriter(writable)
    writable.room = false
    const first = watched(writer.write(hex('aa')))
    await settle()
    expect(first.settled).toBe(false)
    writable.room = true
    writable.emit('drain')
    await first.promise
    const second = watched(writer.write(hex('bb')))
    await settle()
    expect([second.settled, writable.log]).toEqual([true, ['00000001', 'aa', '00000001', 'bb']])
  })

  it('that closes while a write waits makes it fail, with its error as the cause', async () => {
    for (const cause of [undefined, new Error('reset')]) {
      const writable = new HandWritable()
      const writer = new FrameWriter(writable)
      writable.room = false
      const waiting = writer.write(hex('aa'))
      await settle()
      if (cause === undefined) writable.emit('close')
      else writable.emit('error', cause)
      const failure = await waiting.catch((error: unknown) => error as FramingError)
      expect([failure?.code, failure?.cause]).toEqual(['CLOSED', cause])
    }
  })

  it('is ended when it has finished, not when end() was called', async () => {
    const writable = new HandWritable()
    const ending = watched(new FrameWriter(writable).end())
    await settle()
    expect([writable.log, ending.settled]).toEqual([['end'], false])
    writable.emit('finish')
    await ending.promise
  })

  it('that fails while it ends causes CLOSED, and one that only closes has ended', async () => {
    const failing = new HandWritable()
    const failed = new FrameWriter(failing).end()
    await settle()
    const cause = new Error('reset')
    failing.emit('error', cause)
    await expect(failed).rejects.toMatchObject({ code: 'CLOSED', cause })
    const closing = new HandWritable()
    const ended = new FrameWriter(closing).end()
    await settle()
    closing.emit('close')
    await expect(ended).resolves.toBeUndefined()
  })

  it('that is already closed is not called', async () => {
    const writable = new HandWritable()
    const writer = new FrameWriter(writable)
    writable.emit('close')
    expect(await codeOf(() => writer.write(hex('aa')))).toBe('CLOSED')
    expect(await codeOf(() => writer.end())).toBe('CLOSED')
    expect(writable.log).toEqual([])
  })

  it('has listeners for its end, its errors and its room until it is released', () => {
    const writable = new HandWritable()
    const counts = () => ['drain', 'error', 'close'].map((event) => writable.listeners.get(event)?.length)
    const writer = new FrameWriter(writable)
    expect(counts()).toEqual([1, 1, 1])
    writer.release()
    expect(counts()).toEqual([0, 0, 0])
  })
})

describe('a web stream', () => {
  it('that is broken causes CLOSED when it is ended, with its error as the cause', async () => {
    const web = new WritableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('reset')),
    })
    const cause = expect.any(TypeError)
    await expect(new FrameWriter(web).end()).rejects.toMatchObject({ code: 'CLOSED', cause })
  })

  it('that fails while a frame is written makes the write fail, and causes no unhandled rejection', async () => {
    const cause = new Error('reset')
    const web = new WritableStream<Uint8Array>({
      write() {
        throw cause
      },
    })
    const writer = new FrameWriter(web)
    await expect(writer.write(hex('aa'))).rejects.toMatchObject({ code: 'CLOSED', cause })
  })

  it('is unlocked for another writer when it is released, and ends when its writer ends', async () => {
    const written: string[] = []
    const web = new WritableStream<Uint8Array>({
      write: (chunk) => void written.push(toHex(chunk)),
      close: () => void written.push('close'),
    })
    const writer = new FrameWriter(web)
    expect(web.locked).toBe(true)
    writer.release()
    expect(web.locked).toBe(false)
    await writeFrames(web, [hex('aa')])
    expect(written).toEqual(['00000001', 'aa', 'close'])
  })

  it('is unlocked if the payloads throw', async () => {
    const web = new WritableStream<Uint8Array>()
    // biome-ignore lint/correctness/useYield: it throws before its first payload.
    const throwing = (function* (): Generator<Uint8Array> {
      throw new Error('no more')
    })()
    await expect(writeFrames(web, throwing)).rejects.toThrow('no more')
    expect(web.locked).toBe(false)
  })
})

describe('a partial writer', () => {
  it('gets the rest of a part again, and is closed at the end if it can be', async () => {
    const offered: string[] = []
    const partial = {
      write(bytes: Uint8Array) {
        offered.push(toHex(bytes))
        return Math.min(3, bytes.length)
      },
      close: () => void offered.push('close'),
    }
    await writeFrames(partial, [hex('aabbccdd'), hex('')])
    expect(offered).toEqual(['00000004', '04', 'aabbccdd', 'dd', '00000000', '00', 'close'])
  })

  it('that reports more bytes than it was given is refused', async () => {
    const writer = new FrameWriter({ write: () => 3 })
    expect(await codeOf(() => writer.write(hex('aa')))).toBe('WRITE_ZERO')
  })

  it('that failed inside a frame causes CLOSED for the next one, with the cause', async () => {
    const cause = new Error('reset')
    const writer = new FrameWriter({
      write() {
        throw cause
      },
    })
    await expect(writer.write(hex('aa'))).rejects.toBe(cause)
    await expect(writer.write(hex('aa'))).rejects.toMatchObject({ code: 'CLOSED', cause })
  })
})

describe('a frame writer', () => {
  it('has a limit, given or the default', () => {
    expect(new FrameWriter(collector([])).frameBytesMax).toBe(1024 * 1024)
    const writer = new FrameWriter(collector([]), { frameBytesMax: 3 })
    expect(writer.frameBytesMax).toBe(3)
    writer.frameBytesMax = 4
    expect(writer.frameBytesMax).toBe(4)
  })

  it('writes one frame after another, even after one that failed', async () => {
    const stream = new ScriptedStream()
    const writer = new FrameWriter(stream)
    stream.verdict = 'full'
    const first = writer.write(hex('01'))
    const second = writer.write(hex('02'))
    await settle()
    expect(stream.sent.map(toHex)).toEqual(['0000000101'])
    stream.drain()
    await Promise.all([first, second])
    stream.verdict = 'closed'
    const failed = [writer.write(hex('03')), writer.end()]
    await expect(failed[0]).rejects.toMatchObject({ code: 'CLOSED' })
    await failed[1]
    expect([stream.sent.map(toHex), stream.log]).toEqual([['0000000101', '0000000102'], ['end']])
  })

  it('waits for a full byte stream, and not for one that has only queued', async () => {
    const stream = new ScriptedStream()
    stream.drained = () => new Promise(() => undefined)
    stream.verdict = 'queued'
    const queued = watched(new FrameWriter(stream).write(hex('01')))
    await settle()
    stream.verdict = 'full'
    const full = watched(new FrameWriter(stream).write(hex('02')))
    await settle()
    expect([queued.settled, full.settled]).toEqual([true, false])
  })

  it('releases a byte stream and a partial writer without calling them', () => {
    const stream = new ScriptedStream()
    new FrameWriter(stream).release()
    expect(stream.log).toEqual([])
    expect(() => new FrameWriter(collector([])).release()).not.toThrow()
  })
})
