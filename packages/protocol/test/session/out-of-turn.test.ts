import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { hello, json, openProbe, probe, welcome } from '../support/raw-peer.ts'
import { bytesOf } from '../support/vectors.ts'

describe('garbage as the first bytes', () => {
  it.each([
    ['an HTTP request', new TextEncoder().encode('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'NOT_FRAMEPORT'],
    ['a TLS hello', bytesOf('1603010200010001fc0303'), 'NOT_FRAMEPORT'],
    ['a length of 0xFFFFFFFF', bytesOf('ffffffff'), 'FRAME_TOO_LONG'],
    ['a frame of zeros', bytesOf('0000000400000000'), 'NOT_FRAMEPORT'],
    ['an empty frame', bytesOf('00000000'), 'NOT_FRAMEPORT'],
    ['a call before the hello', bytesOf('0000000501000101' + '61'), 'NOT_FRAMEPORT'],
    ['an envelope of a kind that receivers skip', bytesOf('00000001ff'), 'NOT_FRAMEPORT'],
    ['a hello without the magic', bytesOf('00000006400046525055'), 'NOT_FRAMEPORT'],
    ['the magic in a welcome', bytesOf('00000006410046525054'), 'NOT_FRAMEPORT'],
  ])('%s closes with a typed reason, and nothing is sent', async (_, bytes, code) => {
    const { peer, time, recorder } = probe('server')
    peer.sendBytes(bytes)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code }])
    expect(peer.bytesReceived).toBe(0)
    expect(time.timers).toEqual([])
  })

  it('a malformed hello is only answered by a short goaway', async () => {
    const { peer, time, recorder } = probe('server')
    peer.sendFrame('400046525054' + '8000')
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'MALFORMED_ENVELOPE' }])
    expect(peer.goawayCode).toBe('MALFORMED_ENVELOPE')
    expect(peer.bytesReceived).toBeLessThan(200)
  })

  it('a hello over helloBytesMax closes before its bytes have arrived', async () => {
    const { peer, time, recorder } = probe('server', { limits: { helloBytesMax: 1000 } })
    peer.sendBytes(bytesOf('000003e9'))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'FRAME_TOO_LONG' }])
  })

  it('from a server is reported to the client', async () => {
    const { peer, time, recorder } = probe('client')
    peer.sendBytes('HTTP/1.1 400 Bad Request\r\n\r\n')
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'NOT_FRAMEPORT' }])
  })
})

describe('an envelope out of turn', () => {
  it.each<[string, Envelope]>([
    ['a second hello', hello],
    ['a welcome', welcome],
    [
      'a call with a call id of the server',
      { kind: 'call', callId: 2, procedure: 'a/b', upload: false, metadata: {}, body: json('1') },
    ],
    ['a result for no call', { kind: 'result', callId: 2, metadata: {}, body: json('1') }],
    ['an item for no call', { kind: 'item', callId: 4, sequence: 0, body: json('1') }],
    ['an end for no call', { kind: 'end', callId: 4, metadata: {} }],
    [
      'a failure for no call',
      {
        kind: 'failure',
        callId: 4,
        code: 'A',
        text: '',
        maybeExecuted: false,
        metadata: {},
        body: json('1'),
      },
    ],
    ['a piece for an unknown call', { kind: 'more', callId: 9, body: json('1') }],
    ['a started for an unknown call', { kind: 'started', callId: 4, metadata: {} }],
    ['a stop for an unknown call', { kind: 'stop', callId: 4 }],
    ['a challenge', { kind: 'challenge', id: 1, metadata: {}, body: json('1') }],
    [
      'a refusal',
      {
        kind: 'refused',
        code: 'A',
        text: '',
        metadata: {},
        body: { encoding: 'none', bytes: new Uint8Array() },
      },
    ],
    ['credit for an unknown call', { kind: 'credit', callId: 9, items: 1, bytes: 0 }],
    ['credit for a call of the server', { kind: 'credit', callId: 2, items: 1, bytes: 0 }],
    ['an item for an unknown call', { kind: 'item', callId: 9, sequence: 0, body: json('1') }],
    ['a cancel for a call of the server', { kind: 'cancel', callId: 2, code: 'CANCELLED', text: '' }],
  ])('%s closes with PROTOCOL_VIOLATION and tells the peer', async (_, envelope) => {
    const { peer, time, recorder } = await openProbe('server')
    peer.send(envelope)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    expect(peer.goawayCode).toBe('PROTOCOL_VIOLATION')
    expect(time.timers).toEqual([])
  })

  it('before the welcome also closes', async () => {
    const { peer, time, recorder } = probe('server')
    recorder.onHello = () => new Promise(() => {})
    peer.send(hello, { kind: 'ping', token: 1 })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it.each([
    ['a version that was not offered', { ...welcome, version: 2 }, 'VERSION_UNSUPPORTED'],
    ['a codec that was not offered', { ...welcome, codec: 'cbor' }, 'PROTOCOL_VIOLATION'],
  ])('a welcome with %s closes the client', async (_, envelope, code) => {
    const { peer, time, recorder } = probe('client')
    peer.send(envelope)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code }])
  })
})
