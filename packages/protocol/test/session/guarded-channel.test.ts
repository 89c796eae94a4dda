import { runInNewContext } from 'node:vm'
import { type FrameSink, FramingError } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { GuardedChannel } from '../../src/session/link/guarded-channel.ts'
import { ForeignChannel } from '../support/foreign-channel.ts'

const payload = Uint8Array.of(1, 2, 3)
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** A guard around a channel, which records the events for its owner and its sink. */
function guarded(channel = new ForeignChannel()) {
  const told: unknown[] = []
  const guard = new GuardedChannel(channel, {
    channelBroke: (message, cause) => told.push(['broke', message, cause]),
    channelRefused: () => told.push(['refused']),
  })
  const sink: FrameSink = {
    frame: (bytes) => told.push([...bytes]),
    received: () => told.push('received'),
    invalid: (error) => told.push(error),
    end: () => told.push('end'),
    drain: () => told.push('drain'),
    close: (error) => told.push(['close', error]),
  }
  return { channel, guard, sink, told }
}

const broken = new Error('broken')
const failing = () => {
  throw broken
}
const broke = (method: string) => ['broke', `${method} of its channel threw: broken`, broken]

describe('a channel breaks, and the error names the method, because of', () => {
  it.each([
    ['queuedBytes', (guard: GuardedChannel) => guard.queuedBytes, 0],
    ['heldBytes', (guard: GuardedChannel) => guard.heldBytes, 0],
    ['heldMemoryBytes', (guard: GuardedChannel) => guard.heldMemoryBytes, 0],
    ['receiveBytesMax', (guard: GuardedChannel) => guard.setReceiveBytesMax(5), undefined],
    ['sendBytesMax', (guard: GuardedChannel) => guard.setSendBytesMax(5), undefined],
  ])('a %s that throws', async (name, use, instead) => {
    const channel = new ForeignChannel()
    Object.defineProperty(channel, name, { get: failing, set: failing })
    const { guard, told } = guarded(channel)
    expect(use(guard)).toBe(instead)
    await turn()
    expect(told).toEqual([broke(name)])
  })

  it.each(['pause', 'resume', 'end', 'abort'] as const)('a %s that throws or rejects', async (name) => {
    for (const method of [failing, async () => failing()]) {
      const channel = Object.assign(new ForeignChannel(), { [name]: method })
      const { guard, told } = guarded(channel)
      guard[name]()
      await turn()
      expect(told).toEqual([broke(name)])
    }
  })

  it('a start that rejects', async () => {
    const { guard, sink, told } = guarded(
      Object.assign(new ForeignChannel(), { start: async () => failing() }),
    )
    guard.start(sink)
    await turn()
    expect(told).toEqual([broke('start')])
  })

  it('a drained() that throws or rejects, while its waiter goes on', async () => {
    for (const drained of [failing, async () => failing()]) {
      const { guard, told } = guarded(Object.assign(new ForeignChannel(), { drained }))
      await guard.drained()
      expect(told).toEqual([broke('drained')])
    }
  })

  it.each([
    ['of framing with another code', new FramingError('CLOSED', 'broken')],
    [
      'of another class with the code FRAME_TOO_LONG',
      Object.assign(new Error('broken'), { code: 'FRAME_TOO_LONG' }),
    ],
  ])('a send that throws an error %s, and sends nothing', async (_, error) => {
    const { channel, guard, told } = guarded()
    channel.whileSending = () => {
      throw error
    }
    expect(guard.send(payload, 3)).toBe('closed')
    await turn()
    expect(told).toEqual([['broke', 'send of its channel threw: broken', error]])
    expect(guard.bytesSent).toBe(0)
  })

  it('an invalid verdict, for which send gives closed', () => {
    const { channel, guard } = guarded()
    channel.verdict = 'ok'
    expect(guard.send(payload, 3)).toBe('closed')
  })
})

it('a frame that is too long is an error of the sender, and breaks nothing', async () => {
  const { channel, guard, told } = guarded()
  const error = new FramingError('FRAME_TOO_LONG', 'too long')
  channel.whileSending = () => {
    throw error
  }
  expect(() => guard.send(payload, 3)).toThrow(error)
  await turn()
  expect(told).toEqual([])
})

describe('a broken channel', () => {
  it('is reported once, accepts nothing and delivers no frame', async () => {
    const { channel, guard, sink, told } = guarded(Object.assign(new ForeignChannel(), { pause: failing }))
    guard.start(sink)
    guard.pause()
    guard.pause()
    expect(guard.send(payload, 3)).toBe('closed')
    channel.sink.frame(payload)
    await turn()
    expect([told, channel.sent]).toEqual([[broke('pause')], 0])
  })
})

describe('a channel that accepts nothing', () => {
  it('is reported once', async () => {
    const { channel, guard, told } = guarded()
    channel.verdict = 'closed'
    expect([guard.send(payload, 3), guard.send(payload, 3)]).toEqual(['closed', 'closed'])
    await turn()
    expect(told).toEqual([['refused']])
  })

  it.each(['end', 'abort'] as const)('is not reported after an %s', async (method) => {
    const { channel, guard, told } = guarded()
    channel.verdict = 'closed'
    guard[method]()
    guard.send(payload, 3)
    await turn()
    expect(told).toEqual([])
  })
})

it('sent bytes include the overhead of frames', () => {
  const { channel, guard } = guarded()
  channel.frameOverheadBytes = 4
  channel.queuedBytes = 5
  guard.send(payload, 3)
  guard.send(payload, 3)
  expect([guard.bytesSent, guard.bytesTaken]).toEqual([14, 9])
})

describe('a full channel', () => {
  it('is asked for room once, and calls drain once', async () => {
    const { channel, guard, sink, told } = guarded()
    let asked = 0
    channel.drained = () => {
      asked += 1
      return new Promise(() => undefined)
    }
    guard.start(sink)
    channel.verdict = 'full'
    guard.send(payload, 3)
    guard.send(payload, 3)
    channel.sink.drain?.()
    channel.sink.drain?.()
    expect([asked, told]).toEqual([1, ['drain']])
  })

  it('calls no drain if it was never full', () => {
    const { channel, guard, sink, told } = guarded()
    guard.start(sink)
    channel.sink.drain?.()
    expect(told).toEqual([])
  })
})

describe('a delivery inside of start', () => {
  function early(deliver: (sink: FrameSink) => void) {
    const channel = new ForeignChannel()
    channel.start = (sink) => {
      channel.sink = sink
      deliver(sink)
    }
    return guarded(channel)
  }

  it('arrives once, later and in order, as a copy of what was lent', async () => {
    const lent = Uint8Array.of(1)
    const { channel, guard, sink, told } = early((to) => {
      to.frame(lent)
      to.end?.()
      to.close?.()
    })
    guard.start(sink)
    lent[0] = 9
    channel.sink.frame(Uint8Array.of(2))
    expect(told).toEqual([])
    await turn()
    expect(told).toEqual([[1], 'end', ['close', undefined], [2]])
    channel.sink.frame(Uint8Array.of(3))
    expect(told.at(-1)).toEqual([3])
  })

  it('breaks the channel if it is no frame, and no frame follows', async () => {
    const { guard, sink, told } = early((to) => {
      to.frame('text' as never)
      to.frame(payload)
    })
    guard.start(sink)
    await turn()
    expect(told).toEqual([['broke', 'its channel delivered "text" instead of a Uint8Array', undefined]])
  })
})

it('a delivery after start arrives at once', () => {
  const { channel, guard, sink, told } = guarded()
  guard.start(sink)
  channel.sink.received?.()
  channel.sink.frame(payload)
  expect(told).toEqual(['received', [1, 2, 3]])
})

it('a Uint8Array of another realm is a frame', () => {
  const { channel, guard, sink, told } = guarded()
  guard.start(sink)
  channel.sink.frame(runInNewContext('Uint8Array.of(7)') as Uint8Array)
  expect(told).toEqual([[7]])
})

it('a frame over the limit is reported with its length and the limit', () => {
  const { channel, guard, sink, told } = guarded()
  guard.start(sink)
  guard.setReceiveBytesMax(2)
  channel.sink.frame(payload)
  expect(told).toMatchObject([{ code: 'FRAME_TOO_LONG', announcedBytes: 3, frameBytesMax: 2 }])
})

it('a sink needs only the method frame', () => {
  const { channel, guard, told } = guarded()
  guard.start({ frame: (bytes) => told.push([...bytes]) })
  guard.setReceiveBytesMax(2)
  channel.drained = () => new Promise(() => undefined)
  channel.verdict = 'full'
  guard.send(payload, 3)
  const { sink } = channel
  sink.received?.()
  sink.frame(payload)
  sink.invalid?.(new FramingError('TRUNCATED', 'short'))
  sink.drain?.()
  sink.end?.()
  sink.close?.()
  expect(told).toEqual([])
})
