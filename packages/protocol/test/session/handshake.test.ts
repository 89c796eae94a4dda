import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import { network } from '../support/network.ts'
import { hello, json, probe } from '../support/raw-peer.ts'
import { connected, type Outcome, openSide, Recorder, startCall, value } from '../support/sessions.ts'
import { bytesOf } from '../support/vectors.ts'

const chat = (version: number, hash = '9f2c') => ({
  name: 'chat',
  version,
  fingerprints: { join: 'f1' },
  eventFingerprints: {},
  clientFingerprints: {},
  hash,
})
const news = { ...chat(1), name: 'news' }

describe('the handshake', () => {
  it('gives each side the announcements of the other', async () => {
    const { client, server } = await connected({
      client: { contracts: [chat(2)], metadata: { agent: 'cli' }, limits: { callsInFlightMax: 7 } },
      server: { metadata: { node: 'a' }, limits: { bodyBytesMax: 1000 } },
    })
    expect(server.recorder.opens).toMatchObject([
      {
        contracts: [{ name: 'chat', version: 2, calls: true, serves: false, hash: '9f2c' }],
        metadata: { agent: 'cli' },
        settings: { callsInFlightMax: 7, bodyBytesMax: 1_048_576 },
      },
    ])
    expect(client.recorder.opens).toMatchObject([
      { contracts: [], metadata: { node: 'a' }, settings: { bodyBytesMax: 1000, callsInFlightMax: 256 } },
    ])
    expect([client.session.state, server.session.state]).toEqual(['open', 'open'])
  })

  it('passes credentials to the server and its metadata to the client', async () => {
    const { time, a, b } = network()
    const server = openSide('server', time, b)
    server.recorder.onHello = async ({ auth, metadata }) => ({
      metadata: { user: JSON.stringify(auth), ...metadata },
    })
    const client = openSide('client', time, a, { auth: value({ token: 't' }), metadata: { k: 'v' } })
    await time.settle()
    expect(client.recorder.opens[0]?.metadata).toEqual({
      user: '{"kind":"value","value":{"token":"t"}}',
      k: 'v',
    })
  })

  it('answers with every version of the contracts that the client announced, and no others', async () => {
    const { client } = await connected({
      client: { contracts: [chat(2)] },
      server: { contracts: [chat(1, 'aa'), chat(2, 'bb'), news] },
    })
    expect(client.session.peer?.contracts).toEqual([
      { name: 'chat', version: 2, calls: false, serves: true, hash: 'bb' },
      { name: 'chat', version: 1, calls: false, serves: true, hash: 'aa' },
    ])
  })

  it('passes on the fingerprint of each call', async () => {
    const { time, client, server } = await connected()
    startCall(client.session, 'chat@1/join', { fingerprint: () => 'f2' })
    startCall(client.session, 'chat@1/join', { fingerprint: () => undefined })
    await time.settle()
    expect(server.recorder.calls.map(({ fingerprint }) => fingerprint)).toEqual(['f2', undefined])
  })

  it.each(['client', 'server'] as const)('of the %s contains a setting without a meaning', async (role) => {
    const { peer, time } = probe(role)
    if (role === 'server') peer.send(hello)
    await time.settle()
    const [greeting] = role === 'server' ? peer.all('welcome') : peer.all('hello')
    expect(greeting?.settings).toHaveLength(1)
    expect((greeting?.settings[0]?.[0] ?? 0) % 31).toBe(27)
  })

  it('ignores unknown settings and kinds', async () => {
    const { peer, time, recorder } = probe('server')
    peer.send({ ...hello, settings: [[31 * 7 + 27, 3]] })
    await time.settle()
    peer.sendFrame('8a0102')
    peer.sendFrame('ca')
    await time.advance(2_000)
    expect([recorder.opens.length, recorder.closes]).toEqual([1, []])
  })

  it('is followed by the calls that were made before it, in their order', async () => {
    const { time, a, b } = network()
    const client = openSide('client', time, a)
    startCall(client.session, 'chat/one')
    startCall(client.session, 'chat/two')
    const server = openSide('server', time, b)
    await time.settle()
    expect(server.recorder.calls.map(({ procedure }) => procedure)).toEqual(['chat/one', 'chat/two'])
  })

  it('chooses the highest version that both sides speak', async () => {
    const { peer, time, session } = probe('server')
    peer.send({ ...hello, versionMin: 1, versionMax: 9 } as Envelope)
    await time.settle()
    expect(peer.all('welcome')).toMatchObject([{ version: 1, codec: 'json' }])
    expect(session.state).toBe('open')
  })

  it('works when every byte comes alone', async () => {
    const { time, client, server } = await connected({ pair: { chunking: { bytes: 1 } } })
    server.recorder.onCall = (call) => call.respond(value(1))
    const outcome = startCall(client.session)
    await time.settle()
    expect(outcome.value).toBe(1)
  })
})

describe('a hello that is refused', () => {
  it.each([
    ['because of its version', { ...hello, versionMin: 2, versionMax: 3 }, 'VERSION_UNSUPPORTED'],
    ['because of its codecs', { ...hello, codecs: ['cbor'] }, 'HELLO_REFUSED'],
  ])('%s is answered by a goaway that says so', async (_, envelope, code) => {
    const { peer, time, recorder } = probe('server')
    peer.send(envelope as Envelope)
    await time.advance(2_000)
    expect(peer.goawayCode).toBe(code)
    expect(recorder.closes).toMatchObject([{ code }])
    expect(time.timers).toEqual([])
  })

  it('by the handler gives its code to the close reason of the client and to its queued calls', async () => {
    const { time, a, b } = network()
    const server = openSide('server', time, b)
    server.recorder.onHello = () => Promise.reject(new RpcError('UNAUTHENTICATED', 'no such token'))
    const client = openSide('client', time, a)
    const waiting = startCall(client.session)
    await time.advance(2_000)
    expect(client.recorder.closes).toMatchObject([
      { code: 'HELLO_REFUSED', cause: { code: 'UNAUTHENTICATED' } },
    ])
    expect(server.recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED' }])
    expect(waiting.settlements).toMatchObject([{ error: { code: 'UNAUTHENTICATED', maybeExecuted: false } }])
    expect(client.recorder.opens).toEqual([])
    expect(time.timers).toEqual([])
  })

  it('fails every call of the client with the same code and retry time, whenever it was made', async () => {
    const { time, a, b } = network()
    const server = openSide('server', time, b)
    const refusal = new RpcError('RESOURCE_EXHAUSTED', 'two are enough', { retryAfterMs: 300 })
    server.recorder.onHello = () => Promise.reject(refusal)
    const recorder = new Recorder()
    const late: Outcome[] = []
    recorder.closed = (reason) => {
      recorder.closes.push(reason)
      late.push(startCall(client.session))
    }
    const client = openSide('client', time, a, {}, recorder)
    const waiting = startCall(client.session)
    await time.settle()
    expect(client.session.state).toBe('closed')
    const ending = startCall(client.session)
    await time.advance(2_000)
    const closed = startCall(client.session)
    await time.settle()
    const failure = { code: 'RESOURCE_EXHAUSTED', message: 'two are enough', retryAfterMs: 300 }
    expect([waiting, ending, ...late, closed].map(({ error }) => error)).toMatchObject(
      Array.from({ length: 4 }, () => ({ ...failure, maybeExecuted: false })),
    )
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED', retryAfterMs: 300, cause: failure }])
  })

  it.each([
    [0.5, 1],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER],
  ])('with a retry time of %s ms in an error of another copy is sent with %s', async (given, sent) => {
    const { peer, time, recorder } = probe('server')
    const refusal = new RpcError('UNAVAILABLE', 'not now')
    recorder.onHello = () => Promise.reject(Object.defineProperty(refusal, 'retryAfterMs', { value: given }))
    peer.send(hello)
    await time.advance(2_000)
    expect(peer.all('refused')).toMatchObject([{ code: 'UNAVAILABLE', retryAfterMs: sent }])
  })

  it('because of a defect of the handler does not show the defect', async () => {
    const { peer, time, recorder } = probe('server')
    recorder.onHello = () => Promise.reject(new Error('password=secret'))
    peer.send(hello)
    await time.advance(2_000)
    expect(peer.all('refused')).toMatchObject([{ code: 'INTERNAL' }])
    expect(JSON.stringify(peer.received)).not.toContain('secret')
    expect(recorder.closes[0]?.cause).toBeInstanceOf(Error)
  })

  it('for credentials that are not JSON fails with INVALID_ARGUMENT', async () => {
    const { peer, time, recorder } = probe('server')
    peer.send({ ...hello, body: json('{"token":') } as Envelope)
    await time.advance(2_000)
    expect(peer.all('refused')).toMatchObject([{ code: 'INVALID_ARGUMENT' }])
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED' }])
  })
})

describe('a handshake that takes too long', () => {
  it('closes the server with HELLO_TIMEOUT after helloTimeoutMs, and not before', async () => {
    const { peer, time, recorder, session } = probe('server')
    await time.advance(9_999)
    expect(session.state).toBe('opening')
    await time.advance(1)
    expect(session.state).toBe('closed')
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_TIMEOUT' }])
    expect(peer.goawayCode).toBe('HELLO_TIMEOUT')
  })

  it('closes the server when its own handler is too slow', async () => {
    const { peer, time, recorder } = probe('server')
    recorder.onHello = () => new Promise(() => {})
    peer.send(hello)
    await time.advance(12_000)
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_TIMEOUT' }])
  })

  it('closes the client, and its calls were not executed', async () => {
    const { time, recorder, session } = probe('client')
    const outcome = startCall(session)
    await time.advance(12_000)
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_TIMEOUT' }])
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
  })

  it('is not extended by single bytes', async () => {
    const { peer, time, recorder } = probe('server')
    for (const byte of bytesOf('0000002040000046')) {
      peer.sendBytes(Uint8Array.of(byte))
      await time.advance(2_000)
    }
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_TIMEOUT' }])
  })
})
