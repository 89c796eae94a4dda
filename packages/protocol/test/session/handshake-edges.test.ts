import { attachFrames } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { type Envelope, encodeEnvelope } from '../../src/envelope/index.ts'
import { ProtocolError, RpcError } from '../../src/index.ts'
import { createSession, type HelloInfo } from '../../src/session/index.ts'
import { onForeignChannel } from '../support/foreign-channel.ts'
import { network } from '../support/network.ts'
import { hello, json, probe, RawPeer, welcome } from '../support/raw-peer.ts'
import { openSide, startCall } from '../support/sessions.ts'

const refused: Extract<Envelope, { kind: 'refused' }> = {
  kind: 'refused',
  code: 'RESOURCE_EXHAUSTED',
  text: 'later',
  metadata: {},
  body: { encoding: 'none', bytes: new Uint8Array(0) },
}
const contractOf = (name: string, version: number) => ({
  name,
  version,
  fingerprints: {},
  eventFingerprints: {},
  clientFingerprints: {},
  hash: '9f2c',
})
const versions = (count: number, name = 'chat') =>
  Array.from({ length: count }, (_, index) => contractOf(name, index + 1))

/** A server that never answers a hello. */
function undecided() {
  const opened = probe('server')
  opened.recorder.onHello = () => new Promise(() => undefined)
  return opened
}

describe('while a server decides about a hello', () => {
  it.each([
    ['another hello', hello],
    ['a welcome', welcome],
    ['a refusal', refused],
    ['a challenge', { ...refused, kind: 'challenge', id: 1 }],
  ] as [string, Envelope][])('%s ends the session', async (_, envelope) => {
    const { time, peer, recorder } = undecided()
    peer.send(hello)
    await time.settle()
    peer.send(envelope)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([
      { code: 'PROTOCOL_VIOLATION', message: `a ${envelope.kind} during the handshake` },
    ])
  })

  it.each([
    ['yes', () => Promise.resolve({})],
    ['no', () => Promise.reject(new Error('no'))],
  ])('an aborted session no longer sends its %s', async (_, answer) => {
    let decide: (answer: Promise<object>) => void = () => undefined
    const { time, channel, session, recorder } = await onForeignChannel('server', { handshake: false })
    recorder.onHello = () =>
      new Promise((resolve) => {
        decide = resolve
      })
    const { header } = encodeEnvelope(hello)
    channel.sink.frame(header)
    session.abort({ code: 'ABORTED', message: 'enough' })
    decide(answer())
    await time.settle()
    expect([channel.sent, recorder.opens, session.state]).toEqual([0, [], 'closed'])
  })
})

it('a server without a handler for hellos accepts every one', async () => {
  const { time, a, b } = network()
  const handlers = {
    opened: () => undefined,
    call: () => undefined,
    event: () => undefined,
    goaway: () => undefined,
    closed: () => undefined,
  }
  const session = createSession({ role: 'server', contracts: [], environment: time, handlers })
  session.attach(attachFrames(a))
  const peer = new RawPeer(b)
  peer.send(hello)
  await time.settle()
  expect([session.state, peer.kinds]).toEqual(['open', ['welcome']])
})

describe('a server refuses a hello', () => {
  it.each([
    ['with more metadata than its limit', { metadata: { a: '1', b: '2' } }, 'RESOURCE_EXHAUSTED'],
    ['with longer credentials than its limit', { body: json('"12345678"') }, 'RESOURCE_EXHAUSTED'],
  ])('%s', async (_, part, code) => {
    const { time, peer, recorder } = probe('server', { limits: { metadataEntriesMax: 1, bodyBytesMax: 9 } })
    peer.send({ ...hello, ...part })
    await time.advance(2_000)
    expect(peer.all('refused')).toMatchObject([{ code }])
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED', cause: { code } }])
  })

  it('but not for credentials of exactly the maximum', async () => {
    const { time, peer, recorder } = probe('server', { limits: { bodyBytesMax: 9 } })
    const seen: HelloInfo[] = []
    recorder.onHello = async (info) => {
      seen.push(info)
      return {}
    }
    peer.send({ ...hello, body: json('"1234567"') })
    await time.settle()
    expect(seen).toMatchObject([{ auth: { kind: 'value', value: '1234567' } }])
  })

  it('whose client cannot receive the requested welcome, and names the limit that is too small', async () => {
    const contracts = Array.from({ length: 64 }, (_, index) => contractOf(`${'x'.repeat(120)}${index}`, 1))
    const { time, peer } = probe('server', { contracts })
    const asked = contracts.map(({ name, version }) => ({ name, version, roles: 2, hash: Uint8Array.of(1) }))
    peer.send({ ...hello, contracts: asked, settings: [[1, 4_096]] })
    await time.advance(2_000)
    expect(peer.all('refused')).toMatchObject([
      { code: 'RESOURCE_EXHAUSTED', text: expect.stringContaining('frameBytesMax') },
    ])
  })

  it.each([null, undefined, 'no'])('with INTERNAL when its handler rejects with %s', async (reason) => {
    const { time, peer, recorder } = probe('server')
    recorder.onHello = () => Promise.reject(reason)
    peer.send(hello)
    await time.advance(2_000)
    expect(peer.all('refused')).toMatchObject([{ code: 'INTERNAL' }])
  })

  it('for invalid credentials, with the reason in its own close reason only', async () => {
    const { time, peer, recorder } = probe('server')
    peer.send({ ...hello, body: json('{') })
    await time.advance(2_000)
    const { cause } = recorder.closes[0] ?? {}
    expect(RpcError.is(cause) && ProtocolError.is(cause.cause)).toBe(true)
  })
})

describe('a client', () => {
  it('fails its calls with the retry time of a refusal', async () => {
    const { time, peer, session } = probe('client')
    const call = startCall(session)
    peer.send({ ...refused, retryAfterMs: 500 })
    await time.advance(2_000)
    expect(call.error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: 500 })
  })

  it('closes when a welcome has more metadata than it accepts', async () => {
    const { time, peer, recorder } = probe('client', { limits: { metadataEntriesMax: 1 } })
    peer.send({ ...welcome, metadata: { a: '1', b: '2' } })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
  })

  it('without a handler gives an empty answer to a challenge, and the server decides', async () => {
    const { time, peer, recorder } = probe('client')
    peer.send({ ...refused, kind: 'challenge', id: 1 } as Envelope)
    await time.settle()
    expect(peer.all('credentials')).toMatchObject([{ id: 1, body: { encoding: 'none' } }])
    peer.send({ ...refused, code: 'UNAUTHENTICATED' })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED', cause: { code: 'UNAUTHENTICATED' } }])
  })

  it.each([
    ['a hello', 'client', hello, 'a welcome'],
    ['a refusal', 'server', refused, 'a hello'],
    ['a challenge', 'server', { ...refused, kind: 'challenge', id: 1 }, 'a hello'],
  ] as [string, 'client' | 'server', Envelope, string][])(
    '%s is not accepted as the first frame at a %s, and the reason names the expected one',
    async (_, role, envelope, expected) => {
      const { time, peer, recorder } = probe(role)
      peer.send(envelope)
      await time.advance(2_000)
      expect(recorder.closes).toMatchObject([
        { code: 'NOT_FRAMEPORT', message: expect.stringMatching(`^the first bytes are not ${expected}:`) },
      ])
    },
  )
})

it('a welcome names at most 64 versions, the highest first', async () => {
  const { time, peer } = probe('server', { contracts: versions(70) })
  peer.send({ ...hello, contracts: [{ name: 'chat', version: 1, roles: 2, hash: Uint8Array.of(1) }] })
  await time.settle()
  const [answer] = peer.all('welcome')
  expect(answer?.contracts.map(({ version }) => version)).toEqual(
    Array.from({ length: 64 }, (_, index) => 70 - index),
  )
})

it('the id and the value of the setting without a meaning are random', async () => {
  const { time, a, b } = network()
  const environment = {
    nowMs: () => time.nowMs(),
    setTimer: (delayMs: number, callback: () => void) => time.setTimer(delayMs, callback),
    random: () => 0.5,
  }
  openSide('client', environment, a)
  const peer = new RawPeer(b)
  await time.settle()
  expect(peer.all('hello')[0]?.settings).toEqual([[31 * 65 + 27, 2 ** 15]])
})
