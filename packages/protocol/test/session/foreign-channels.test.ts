import { describe, expect, it } from 'vitest'
import { encodeEnvelope } from '../../src/envelope/index.ts'
import { createSession } from '../../src/session/index.ts'
import { ForeignChannel, onForeignChannel } from '../support/foreign-channel.ts'
import { credit, firstCall } from '../support/raw-peer.ts'
import { Recorder, startCall, value } from '../support/sessions.ts'

const lingerMs = 1_000

function frameOfCall(items?: number): Uint8Array {
  const { header, body } = encodeEnvelope({
    ...firstCall,
    ...(items === undefined ? {} : { credit: credit(items) }),
  })
  return Uint8Array.of(...header, ...body)
}

describe('a channel that never closes', () => {
  it('counts as closed closeLingerMs after an abort, and its later events are ignored', async () => {
    const { time, channel, recorder, session } = await onForeignChannel('client')
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(lingerMs - 1)
    expect([channel.aborts, recorder.closes]).toEqual([1, []])
    await time.advance(1)
    expect(recorder.closes).toEqual([{ code: 'ABORTED', message: 'enough', closedBy: 'local' }])
    const { sink } = channel
    sink.frame(Uint8Array.of(9))
    sink.received?.()
    sink.drain?.()
    sink.end?.()
    sink.close?.(new Error('late'))
    await time.settle()
    expect([recorder.closes.length, time.timers]).toEqual([1, []])
  })

  it.each(['client', 'server'] as const)(
    'and never answers does not keep a %s from closing',
    async (role) => {
      const { time, recorder, session } = await onForeignChannel(role, { handshake: false })
      const closed = session.close()
      await time.advance(2 * lingerMs)
      await closed
      expect([recorder.closes.length, time.timers]).toEqual([1, []])
    },
  )

  it('and delivers an invalid frame has its session ended', async () => {
    const { time, channel, recorder } = await onForeignChannel('server', { handshake: false })
    channel.sink.frame(Uint8Array.of(1, 2, 3))
    await time.advance(2 * lingerMs)
    expect(recorder.closes).toMatchObject([{ code: 'NOT_FRAMEPORT' }])
  })

  it('and accepts nothing has its session ended after closeLingerMs', async () => {
    const { time: clock, channel, recorder, session } = await onForeignChannel('client')
    channel.verdict = 'closed'
    const call = startCall(session)
    await clock.advance(2 * lingerMs)
    expect(call.code).toBe('UNAVAILABLE')
    expect(recorder.closes).toEqual([
      { code: 'CONNECTION_LOST', message: 'its channel stopped accepting data without closing' },
    ])
    expect(clock.timers).toEqual([])
  })

  it('leaves no timer if it does close, inside of abort', async () => {
    const { time, channel, recorder, session } = await onForeignChannel('client')
    channel.abort = () => channel.sink.close?.()
    session.abort({ code: 'ABORTED', message: 'enough' })
    expect([recorder.closes.length, time.timers]).toEqual([1, []])
  })
})

describe('a verdict', () => {
  it.each([
    [undefined, 'undefined'],
    [true, 'true'],
    ['ok', '"ok"'],
    [Promise.resolve('sent'), 'a Promise'],
    [() => Promise.reject(new Error('late')), 'a Promise'],
  ])('that is %s breaks the channel', async (verdict, shown) => {
    const { time, channel, recorder, session } = await onForeignChannel('client')
    channel.verdict = typeof verdict === 'function' ? verdict() : verdict
    startCall(session)
    await time.settle()
    expect(recorder.closes).toEqual([
      {
        code: 'ABORTED',
        closedBy: 'local',
        message: `send() of its channel returned ${shown}, not sent, queued, full or closed`,
      },
    ])
    expect(channel.aborts).toBe(1)
  })
})

describe('room for items after the verdict full', () => {
  async function fullStream(drained: Promise<void>) {
    const { time, channel, recorder } = await onForeignChannel('server')
    channel.drainedReturns = drained
    channel.sink.frame(frameOfCall(10))
    const [call] = recorder.calls
    channel.verdict = 'full'
    call?.sendItem(value(1))
    channel.verdict = 'sent'
    let rooms = 0
    call?.ready().then(
      () => rooms++,
      () => undefined,
    )
    return { time, channel, recorder, rooms: () => rooms }
  }
  const never = new Promise<void>(() => {})

  it('comes with drained() when the channel never calls drain', async () => {
    let settle = () => {}
    const { time, rooms } = await fullStream(
      new Promise((resolve) => {
        settle = resolve
      }),
    )
    await time.settle()
    expect(rooms()).toBe(0)
    settle()
    await time.settle()
    expect(rooms()).toBe(1)
  })

  it('comes with drain when drained() never settles', async () => {
    const { time, channel, rooms } = await fullStream(never)
    channel.sink.drain?.()
    await time.settle()
    expect(rooms()).toBe(1)
  })

  it('does not come with the drained() of an earlier full', async () => {
    let settle = () => {}
    const { time, channel, recorder } = await onForeignChannel('server')
    channel.drainedReturns = new Promise<void>((resolve) => {
      settle = resolve
    })
    channel.sink.frame(frameOfCall(10))
    const [call] = recorder.calls
    channel.verdict = 'full'
    call?.sendItem(value(1))
    channel.sink.drain?.()
    channel.drainedReturns = never
    call?.sendItem(value(2))
    settle()
    let rooms = 0
    call?.ready().then(
      () => rooms++,
      () => undefined,
    )
    await time.settle()
    expect(rooms).toBe(0)
  })

  it('is not requested while the channel is not full', async () => {
    const { time, channel, recorder } = await onForeignChannel('server')
    channel.drained = () => {
      throw new Error('nobody asks')
    }
    channel.sink.frame(frameOfCall(10))
    recorder.calls[0]?.sendItem(value(1))
    await time.settle()
    expect(recorder.closes).toEqual([])
  })

  it('breaks the channel when drained() returns no promise', async () => {
    const { time, recorder } = await fullStream(undefined as never)
    await time.settle()
    expect(recorder.closes).toMatchObject([
      { code: 'ABORTED', message: 'drained() of its channel returned undefined instead of a promise' },
    ])
    expect(time.timers).toEqual([])
  })
})

it('a server reads again on drain, although drained() never settles', async () => {
  const { time, channel, recorder } = await onForeignChannel('server', {
    limits: { answerBytesQueuedMax: 1 },
  })
  let paused = 0
  channel.pause = () => paused++
  channel.resume = () => paused--
  channel.drainedReturns = new Promise(() => {})
  channel.sink.frame(frameOfCall())
  channel.queuedBytes = 1_000
  channel.verdict = 'full'
  recorder.calls[0]?.respond(value('x'.repeat(100)))
  expect(paused).toBe(1)
  channel.queuedBytes = 0
  channel.sink.drain?.()
  await time.settle()
  expect(paused).toBe(0)
})

describe('an invalid delivery of a channel', () => {
  it.each([
    ['text', '"text"'],
    [new ArrayBuffer(4), 'an ArrayBuffer'],
    [undefined, 'undefined'],
    [[1, 2], 'an array'],
  ])('is %s as a frame', async (frame, shown) => {
    const { time, channel, recorder } = await onForeignChannel('client')
    channel.sink.frame(frame as never)
    await time.settle()
    expect(recorder.closes).toEqual([
      {
        code: 'ABORTED',
        closedBy: 'local',
        message: `its channel delivered ${shown} instead of a Uint8Array`,
      },
    ])
  })

  it('is a frame over receiveBytesMax', async () => {
    const { time, channel, recorder } = await onForeignChannel('client', {
      limits: { frameBytesMax: 70_000, bodyBytesMax: 1_000 },
    })
    channel.sink.frame(new Uint8Array(80_000))
    await time.advance(2 * lingerMs)
    expect(recorder.closes).toMatchObject([
      {
        code: 'FRAME_TOO_LONG',
        message: expect.stringContaining('80000 bytes, and its receiveBytesMax is 70000'),
      },
    ])
  })

  it('is a frame inside of send', async () => {
    const { time, channel, recorder, session } = await onForeignChannel('client')
    channel.whileSending = () => channel.sink.frame(Uint8Array.of(1))
    channel.abort = () => channel.sink.close?.(new Error('aborted'))
    startCall(session)
    await time.settle()
    expect(recorder.closes).toEqual([
      {
        code: 'ABORTED',
        closedBy: 'local',
        message: 'its channel delivered a frame inside send()',
      },
    ])
  })

  it('is an argument of invalid that is no FramingError', async () => {
    const { time, channel, recorder } = await onForeignChannel('client')
    channel.sink.invalid?.('bad' as never)
    await time.settle()
    expect(recorder.closes).toEqual([
      {
        code: 'ABORTED',
        closedBy: 'local',
        message: 'its channel called invalid() without a FramingError',
        cause: 'bad',
      },
    ])
  })
})

describe('a close', () => {
  it('inside of send takes effect after it, and settles the call that was sent', async () => {
    const { time, channel, recorder, session } = await onForeignChannel('client')
    channel.whileSending = () => channel.sink.close?.(new Error('EPIPE'))
    const call = startCall(session)
    await time.settle()
    expect([call.code, recorder.closes[0]?.message]).toEqual(['UNAVAILABLE', 'the connection broke: EPIPE'])
    expect(session.callsInFlight).toBe(0)
  })

  it.each([
    ['a string', 'just text', 'the connection broke: just text'],
    ['true', true, 'the connection broke: true'],
    ['false, as sockets report it', false, 'the peer ended without a goaway'],
    ['null', null, 'the peer ended without a goaway'],
  ])('accepts %s as its error', async (_name, given, message) => {
    const { channel, recorder } = await onForeignChannel('client')
    channel.sink.close?.(given as never)
    expect(recorder.closes).toMatchObject([{ code: 'CONNECTION_LOST', message }])
  })
})

it.each(['frame', 'received', 'invalid', 'end', 'drain', 'close'] as const)(
  'a method %s that is called without its sink throws an error that says so',
  async (name) => {
    const { channel } = await onForeignChannel('client')
    const method: unknown = channel.sink[name]
    expect(() => Reflect.apply(method as () => void, undefined, [])).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(`The method ${name} was called without its sink`),
      }),
    )
  },
)

it.each(['queuedBytes', 'frameOverheadBytes', 'receiveBytesMax', 'sendBytesMax'])(
  'a channel without %s is refused',
  (name) => {
    const channel = new ForeignChannel()
    delete (channel as unknown as Record<string, unknown>)[name]
    const environment = { nowMs: () => 0, setTimer: () => ({ cancel: () => undefined }), random: () => 0 }
    const session = createSession({ role: 'client', contracts: [], environment, handlers: new Recorder() })
    expect(() => session.attach(channel)).toThrow(`without ${name}, not a FrameChannel`)
  },
)

it('an error that a method of a channel throws is reported with the name of the method', async () => {
  const { time, channel, recorder, session } = await onForeignChannel('client')
  channel.whileSending = () => {
    throw new Error('DataCloneError')
  }
  startCall(session)
  await time.settle()
  expect(recorder.closes).toMatchObject([
    { code: 'ABORTED', message: 'send of its channel threw: DataCloneError' },
  ])
})
