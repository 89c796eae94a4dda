import { MessageChannel } from 'node:worker_threads'
import { type FrameSink, FramingError } from '@frameport/framing'
import { realEnvironment } from '@frameport/iocp-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { FramePort } from '../../src/workers/hand-over/frame-port.ts'
import { HandedChannel } from '../../src/workers/hand-over/handed-channel.ts'
import { Relay } from '../../src/workers/hand-over/relay.ts'
import { ReturningChannel } from '../../src/workers/hand-over/returning-channel.ts'
import { channelByHand } from '../support/channel-by-hand.ts'

/** A connection that one worker has accepted and relays, and the channel of the worker that owns the session. */
function relayed(hello = 'hello') {
  const { port1, port2 } = new MessageChannel()
  const accepted = channelByHand()
  const port: FramePort = new FramePort(port1, {
    message: (message) => relay.message(message),
    taken: () => relay.taken(),
    closed: () => relay.cut('gone'),
  })
  let isOver = false
  const relay: Relay = new Relay(accepted.channel, port, realEnvironment, () => {
    isOver = true
  })
  accepted.channel.start(relay)
  const owned = new HandedChannel({
    server: 0,
    sessionId: new Uint8Array(20),
    port: port2,
    remoteEndpoint: 'tcp://127.0.0.1:1',
    tls: undefined,
    hello: new TextEncoder().encode(hello),
    receiveBytesMax: 1_000_000,
    sendBytesMax: 1_000_000,
    frameOverheadBytes: 4,
  })
  owned.accepted()
  const seen: string[] = []
  const sink: FrameSink = {
    frame: (payload) => void seen.push(`${payload.length} ${String.fromCharCode(payload[0] ?? 0)}`),
    received: () => undefined,
    invalid: (error) => void seen.push(`invalid ${error.code}`),
    end: () => void seen.push('end'),
    drain: () => void seen.push('drain'),
    close: (error) => void seen.push(`close ${error?.message ?? 'in order'}`),
  }
  onTestFinished(() => owned.abort())
  return { accepted, owned, seen, sink, isOver: () => isOver }
}

describe('A connection that is handed over to another worker', () => {
  it('delivers the hello first, then later frames, and sends answers back', async () => {
    const { accepted, owned, seen, sink } = relayed()
    owned.start(sink)
    expect(seen).toEqual([])
    accepted.arrives('abc')
    accepted.arrives('de')
    await until(() => seen.length === 3)
    expect(seen).toEqual(['5 h', '3 a', '2 d'])
    expect(owned.send([new Uint8Array(2).fill(1), new Uint8Array(1).fill(2)])).toBe('sent')
    await until(() => accepted.sent.length === 1)
    expect(accepted.sent).toEqual([Uint8Array.of(1, 1, 2)])
  })

  it('is not read while its owner does not read, so that waiting data is limited', async () => {
    const { accepted, owned, seen, sink } = relayed()
    owned.start(sink)
    await until(() => seen.length === 1)
    owned.pause()
    let frames = 0
    for (; !accepted.isPaused() && frames < 1_000; frames++) accepted.arrives('x'.repeat(10_000))
    // Four windows of 64 KiB.
    expect(frames).toBeLessThan(30)
    await new Promise((resolve) => setImmediate(resolve))
    expect([accepted.isPaused(), seen.length]).toEqual([true, 1])
    owned.resume()
    await until(() => !accepted.isPaused())
    await until(() => seen.length === 1 + frames)
  })

  it('reports to its owner that it is full, and that it has room again', async () => {
    const { accepted, owned, seen, sink } = relayed()
    owned.start(sink)
    accepted.isFull = true
    let verdict = owned.send(new Uint8Array(10_000))
    for (let frames = 1; verdict !== 'full' && frames < 1_000; frames++)
      verdict = owned.send(new Uint8Array(10_000))
    expect(verdict).toBe('full')
    expect(owned.queuedBytes).toBeGreaterThan(0)
    const room = owned.drained()
    await until(() => accepted.sent.length > 10)
    expect(seen).not.toContain('drain')
    accepted.drains()
    await room
    await until(() => seen.includes('drain'))
    expect(owned.queuedBytes).toBeLessThanOrEqual(32_768)
  })

  it('passes on limits, parts of frames, invalid frames, and ends', async () => {
    const { accepted, owned, seen, sink, isOver } = relayed()
    owned.start(sink)
    owned.receiveBytesMax = 77
    owned.sendBytesMax = 88
    await until(() => accepted.channel.receiveBytesMax === 77 && accepted.channel.sendBytesMax === 88)
    expect(() => owned.send(new Uint8Array(89))).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LONG' }))
    accepted.holds(5)
    await until(() => owned.heldBytes === 5)
    accepted.sink().invalid?.(new FramingError('FRAME_TOO_LONG', 'too long'))
    accepted.sink().end?.()
    await until(() => seen.includes('end'))
    expect(seen).toEqual(['5 h', 'invalid FRAME_TOO_LONG', 'end'])
    owned.end()
    await until(() => accepted.hasEnded())
    accepted.closes()
    await until(() => seen.at(-1) === 'close in order')
    expect([isOver(), owned.send(new Uint8Array(1))]).toEqual([true, 'closed'])
  })

  it.each([
    ['breaks', 'reset by peer'],
    ['is aborted by its owner', 'enough'],
  ])('ends at both sides if it %s', async (how, text) => {
    const { accepted, owned, seen, sink, isOver } = relayed()
    owned.start(sink)
    if (how === 'breaks') accepted.closes(new Error(text))
    else owned.abort(new Error(text))
    await until(() => seen.includes(`close ${text}`) && isOver())
  })
})

describe('A connection whose first frame is inspected', () => {
  function returning() {
    const accepted = channelByHand()
    let decide: (isTaken: boolean) => void = () => undefined
    const asked = new Promise<boolean>((resolve) => {
      decide = resolve
    })
    const channel = new ReturningChannel(accepted.channel, {
      first: (frame) => (frame[0] === 'f'.charCodeAt(0) ? asked : undefined),
    })
    const [own, other] = [[] as string[], [] as string[]]
    const sinkFor = (seen: string[]): FrameSink => ({
      frame: (payload) => void seen.push(String.fromCharCode(...payload)),
      close: (error) => void seen.push(`close ${error?.message}`),
    })
    channel.start(sinkFor(own))
    return { accepted, channel, decide, own, other, taker: sinkFor(other) }
  }

  it('stays where it was accepted if no other worker owns the session', () => {
    const { accepted, own } = returning()
    accepted.arrives('hello')
    accepted.arrives('more')
    expect(own).toEqual(['hello', 'more'])
  })

  it('is not read while another worker is asked, and stays if that worker refuses', async () => {
    const { accepted, decide, own } = returning()
    accepted.arrives('foreign')
    expect([own, accepted.isPaused()]).toEqual([[], true])
    decide(false)
    await until(() => own.length === 1)
    expect([own, accepted.isPaused()]).toEqual([['foreign'], false])
  })

  it('ends for its server if another worker takes it', async () => {
    const { accepted, channel, own, other, taker } = returning()
    accepted.arrives('foreign')
    expect(channel.giveTo(taker)).toBe(true)
    expect(own).toEqual([expect.stringContaining('another worker took over the connection')])
    accepted.arrives('more')
    channel.abort()
    channel.end()
    expect([other, channel.send(new Uint8Array(1)), accepted.isAborted()]).toEqual([
      ['more'],
      'closed',
      false,
    ])
  })

  it('is not handed over if it broke meanwhile', async () => {
    const { accepted, channel, decide, own, taker } = returning()
    accepted.arrives('foreign')
    accepted.closes(new Error('reset'))
    expect(channel.giveTo(taker)).toBe(false)
    decide(false)
    await Promise.resolve()
    expect(own).toEqual(['close reset'])
  })
})
