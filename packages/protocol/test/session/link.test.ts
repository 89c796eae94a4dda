import { FramingError } from '@frameport/framing'
import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../../src/envelope/index.ts'
import { defaultSessionLimits, type SessionLimits } from '../../src/session/index.ts'
import { CredentialsTaker, type NewCredentialsTaker } from '../../src/session/link/credentials-taker.ts'
import { Link } from '../../src/session/link/link.ts'
import { ForeignChannel } from '../support/foreign-channel.ts'
import { hello, noBody, welcome } from '../support/raw-peer.ts'

type Role = 'client' | 'server'

function frameOf(envelope: Envelope): Uint8Array {
  const { header, body } = encodeEnvelope(envelope)
  return Uint8Array.of(...header, ...body)
}

/** A channel that records what is sent, and the calls of end and abort. */
class KeepingChannel extends ForeignChannel {
  readonly envelopes: unknown[] = []
  readonly asked: string[] = []

  override send(payload: Parameters<ForeignChannel['send']>[0]) {
    const parts = [payload].flat() as Uint8Array[]
    this.envelopes.push(decodeEnvelope(Uint8Array.of(...parts.flatMap((part) => [...part]))))
    return super.send(payload)
  }

  override end(): void {
    this.asked.push('end')
  }

  override abort(): void {
    this.asked.push('abort')
  }
}

/** A link on a passive channel. It records the events for the session above in order. */
function linked(role: Role, limits: Partial<SessionLimits> = {}, channel = new KeepingChannel()) {
  const clock = createVirtualClock()
  const told: unknown[] = []
  let counted = 0
  const events = {
    linkReceived: (): unknown => told.push('received'),
    linkOpened: (): unknown => told.push('opened'),
    linkRefused: () => told.push('refused'),
    takesCredentials: false,
    linkCredentials: () => ({}),
    linkChallenged: () => undefined,
    linkAnswerFailed: (error: unknown) => void told.push(['answer failed', error]),
    linkHookFailed: (error: unknown) => void told.push(['hook failed', error]),
    linkFrame: () => told.push('frame'),
    linkGoaway: () => told.push('goaway'),
    linkAnswered: (bytes: number) => told.push(['answered', bytes]),
    linkDrained: () => told.push('drained'),
    linkEnded: () => told.push('ended'),
    linkFailed: (fault: unknown) => told.push(fault),
    linkClosed: (reason: unknown) => told.push(['closed', reason]),
  }
  const options = {
    role,
    contracts: [],
    environment: clock,
    limits: { ...defaultSessionLimits, ...limits },
    handlers: {},
  }
  const turn = { count: (bytes: number) => (counted += bytes), countEnd: () => (counted += 1_000) }
  const newTaker: NewCredentialsTaker = (...given) => new CredentialsTaker(...given)
  const link = new Link(channel, options, { events, turn, resume: undefined }, newTaker)
  /** Starts the link and completes the handshake. */
  const open = () => {
    link.start()
    channel.sink.frame(frameOf(role === 'server' ? hello : welcome))
    channel.envelopes.length = 0
    told.length = 0
    counted = 0
  }
  return { clock, channel, link, events, told, open, counted: () => counted }
}

const credentials: Envelope = { kind: 'credentials', id: 0, metadata: {}, body: noBody }
const challenge: Envelope = { ...credentials, kind: 'challenge', id: 3 }

describe('an open link', () => {
  it.each([
    ['client', challenge, { kind: 'credentials', id: 3, body: noBody }],
    ['server', credentials, { kind: 'verdict', id: 0, refusal: { code: 'UNIMPLEMENTED' } }],
    ['client', { kind: 'ping', token: 7 }, { kind: 'pong', token: 7 }],
  ] satisfies [Role, Envelope, object][])(
    'of a %s answers %j, and reports the bytes of the answer',
    (role, asked, answer) => {
      const { channel, told, open } = linked(role)
      open()
      for (let time = 0; time < 2; time += 1) channel.sink.frame(frameOf(asked))
      const [sent] = channel.envelopes as Envelope[]
      expect(sent).toMatchObject(answer)
      const bytes = frameOf(sent as Envelope).length
      expect(told).toEqual([
        ['answered', bytes],
        ['answered', bytes],
      ])
    },
  )

  it.each([
    ['server', challenge, 'a challenge from the client'],
    ['client', credentials, 'a credentials from the server'],
    ['server', { kind: 'verdict', id: 1 }, 'a verdict from the client'],
    ['server', { ...credentials, id: 3 }, 'credentials for challenge 3, which is not open'],
    ['server', hello, 'a hello after the handshake'],
  ] satisfies [Role, Envelope, string][])('of a %s fails for %j', (role, envelope, message) => {
    const { channel, told, open } = linked(role)
    open()
    channel.sink.frame(frameOf(envelope))
    expect(told).toMatchObject([{ code: 'PROTOCOL_VIOLATION', message }])
  })

  it.each([
    ['server', { kind: 'ack', received: 1 }],
    ['server', { kind: 'pong', token: 1 }],
    ['client', { kind: 'verdict', id: 0 }],
    ['client', { kind: 'verdict', id: 1 }],
  ] satisfies [Role, Envelope][])('of a %s ignores %j', (role, envelope) => {
    const { channel, told, open } = linked(role)
    open()
    channel.sink.frame(frameOf(envelope))
    expect([told, channel.envelopes]).toEqual([[], []])
  })

  it('accepts as many credentials in a burst as pings', () => {
    const { channel, told, open } = linked('server', { pingsBurstMax: 2 })
    open()
    for (let time = 0; time < 3; time += 1) channel.sink.frame(frameOf(credentials))
    expect(channel.envelopes).toHaveLength(2)
    expect(told.at(-1)).toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  it('passes on drained() and drain of its channel', async () => {
    const { channel, link, told, open } = linked('server')
    open()
    let settle = () => {}
    channel.drainedReturns = new Promise<void>((resolve) => {
      settle = resolve
    })
    const drained = link.drained()
    settle()
    await drained
    channel.verdict = 'full'
    link.sendGoaway({ kind: 'goaway', code: 'CLOSED', text: '', metadata: {} })
    channel.sink.drain?.()
    expect(told).toEqual(['drained'])
  })
})

describe('an invalid frame that the channel reports', () => {
  it.each([
    ['TRUNCATED', 'TRUNCATED'],
    ['FRAME_TOO_LONG', 'FRAME_TOO_LONG'],
    ['CORRUPT_LENGTH', 'FRAME_TOO_LONG'],
    ['INVALID_CHUNK', 'ABORTED'],
  ] as const)('as %s fails the link with %s', (code, fault) => {
    const { channel, told, open, counted } = linked('server')
    open()
    const error = new FramingError(code, 'wrong')
    channel.sink.invalid?.(error)
    expect(told).toMatchObject([{ code: fault, cause: error }])
    expect(counted()).toBe(1_000)
  })
})

describe('a first frame that is too long', () => {
  it.each([
    ['http', 'server', 'an HTTP client'],
    ['http2', 'server', 'an HTTP/2 client'],
    ['tls', 'server', 'a TLS client'],
    ['ssh', 'server', 'an SSH client'],
    ['http', 'client', 'an HTTP server'],
    ['ssh', 'client', 'an SSH server'],
    ['json', 'server', 'a client that writes JSON without a length in front'],
    ['text', 'client', 'a server that writes plain text'],
  ] as const)('and looks like %s tells a %s that its peer is %s', (likelyProtocol, role, peer) => {
    const { channel, link, told } = linked(role)
    link.start()
    const error = new FramingError('FRAME_TOO_LONG', 'wrong', { likelyProtocol })
    channel.sink.invalid?.(error)
    expect(told).toMatchObject([
      { code: 'NOT_FRAMEPORT', message: expect.stringContaining(`looks like ${peer}:`), cause: error },
    ])
  })

  it('and looks like no known protocol is reported as too long', () => {
    const { channel, link, told } = linked('server')
    link.start()
    channel.sink.invalid?.(new FramingError('FRAME_TOO_LONG', 'wrong'))
    expect(told).toMatchObject([{ code: 'FRAME_TOO_LONG', message: 'wrong' }])
  })
})

describe('the first frame', () => {
  it('of a server may be as long as any other, whatever helloBytesMax is', () => {
    const { channel, link } = linked('client', { helloBytesMax: 100, frameBytesMax: 5_000 })
    link.start()
    expect(channel.receiveBytesMax).toBe(5_000)
  })

  it('of a client may be as long as helloBytesMax, and not longer than frameBytesMax', () => {
    const [short, long] = [100, 6_000].map((helloBytesMax) => {
      const { channel, link } = linked('server', { helloBytesMax, frameBytesMax: 5_000 })
      link.start()
      return channel.receiveBytesMax
    })
    expect([short, long]).toEqual([100, 5_000])
  })
})

describe('a link that ends', () => {
  it('ignores everything, counts it as work, and reports nothing', () => {
    const { clock, channel, link, told, open, counted } = linked('server')
    open()
    link.endInOrder(clock.nowMs())
    channel.sink.frame(frameOf({ kind: 'ping', token: 1 }))
    channel.sink.frame(Uint8Array.of(1, 2))
    channel.sink.end?.()
    channel.sink.invalid?.(new FramingError('TRUNCATED', 'short'))
    link.lost()
    expect([told, channel.asked, channel.envelopes]).toEqual([[], ['end'], []])
    expect(counted()).toBe(frameOf({ kind: 'ping', token: 1 }).length + 2 + 2_000)
  })

  it('waits for the close no longer when the channel accepts nothing', async () => {
    const { clock, channel, link, told, open } = linked('server', { closeLingerMs: 1_000 })
    open()
    link.endInOrder(clock.nowMs())
    await clock.advance(500)
    link.channelRefused()
    await clock.advance(500)
    expect([channel.asked, told]).toEqual([['end', 'abort'], []])
  })

  it('reports its end once, with a cause only if there is one, and then does nothing', async () => {
    const { clock, channel, link, told, open } = linked('server')
    open()
    channel.sink.close?.()
    channel.sink.close?.(new Error('again'))
    link.channelBroke('late', undefined)
    link.endInOrder(clock.nowMs())
    link.abort()
    channel.sink.frame(Uint8Array.of(1, 2))
    await clock.settle()
    expect(told).toEqual([
      ['closed', { code: 'CONNECTION_LOST', message: 'the peer ended without a goaway' }],
    ])
    expect([channel.asked, clock.timers]).toEqual([['abort'], []])
  })

  it('is reported without a cause when its channel broke without one', () => {
    const { link, told, open } = linked('server')
    open()
    link.channelBroke('it is wrong', undefined)
    expect(told).toStrictEqual([['closed', { code: 'ABORTED', message: 'it is wrong' }]])
  })
})

it('a channel that does not start is left to its owner', () => {
  const channel = new KeepingChannel()
  channel.start = () => {
    throw new Error('it has another sink')
  }
  const { link, clock } = linked('client', {}, channel)
  expect(() => link.start()).toThrow('it has another sink')
  link.abort()
  link.endInOrder(clock.nowMs())
  expect([channel.asked, clock.timers]).toEqual([[], []])
})

it('an error that the session above throws when bytes arrive fails the link', () => {
  const { channel, events, told, open } = linked('server')
  open()
  const error = new Error('mine')
  events.linkReceived = () => {
    throw error
  }
  channel.sink.received?.()
  expect(told).toMatchObject([{ code: 'ABORTED', cause: error }])
})

it('an error that the session above throws when the link opens fails the link', () => {
  const { channel, link, events, told } = linked('client')
  const error = new Error('mine')
  events.linkOpened = () => {
    throw error
  }
  link.start()
  channel.sink.frame(frameOf(welcome))
  expect(told).toMatchObject([{ code: 'ABORTED', cause: error }])
})
