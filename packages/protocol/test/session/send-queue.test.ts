import { describe, expect, it } from 'vitest'
import { openProbe } from '../support/raw-peer.ts'
import { raw, startCall } from '../support/sessions.ts'

const pair = { windowBytes: 10_000, highWatermarkBytes: 20_000, lowWatermarkBytes: 5_000 }
const KiB = 1024

describe('calls to a server that does not read', () => {
  it('wait here while the connection is over its watermark, and are sent in order when the peer reads again', async () => {
    const { peer, time, session, stream } = await openProbe('client', {}, pair)
    const { totalBytes: empty } = session.stats().memory
    peer.stream.pause()
    for (let at = 0; at < 100; at += 1) startCall(session, 'a/b', { input: raw(new Uint8Array(8 * KiB)) })
    await time.settle()
    expect(stream.queuedBytesPeak).toBeLessThan(20_000 + 9 * KiB)
    const { waitingBytes, queuedBytes, totalBytes } = session.stats().memory
    expect(waitingBytes).toBeGreaterThan(90 * 8 * KiB)
    expect(totalBytes - empty).toBe(waitingBytes + queuedBytes)
    peer.stream.resume()
    await time.advance(100)
    expect(peer.all('call').map(({ callId }) => callId)).toEqual(
      Array.from({ length: 100 }, (_, at) => 1 + 2 * at),
    )
    expect(session.stats().memory).toMatchObject({ waitingBytes: 0, queuedBytes: 0 })
  })

  it('are never sent when they are cancelled or expire while they wait', async () => {
    const { peer, time, session } = await openProbe('client', {}, pair)
    peer.stream.pause()
    const calls = Array.from({ length: 20 }, () =>
      startCall(session, 'a/b', { input: raw(new Uint8Array(8 * KiB)), deadlineMs: 1_000 }),
    )
    await time.settle()
    calls[19]?.call.cancel()
    await time.advance(2_000)
    expect(calls.slice(10).map(({ error }) => [error?.code, error?.maybeExecuted])).toEqual([
      ...Array.from({ length: 9 }, () => ['DEADLINE_EXCEEDED', false]),
      ['CANCELLED', false],
    ])
    expect(session.stats().memory.waitingBytes).toBe(0)
    peer.stream.resume()
    await time.advance(100)
    expect(peer.all('call').length).toBeLessThan(10)
  })

  it.each([
    ['at callBytesQueuedMax', 64 * KiB, 'PENDING'],
    ['one over', 64 * KiB + 1, 'RESOURCE_EXHAUSTED'],
    ['far over', 900 * KiB, 'RESOURCE_EXHAUSTED'],
  ])('fail when too many bytes are queued: %s', async (_, bytes, code) => {
    const { peer, time, session } = await openProbe(
      'client',
      { limits: { callBytesQueuedMax: 100 * KiB } },
      pair,
    )
    peer.stream.pause()
    startCall(session, 'a/b', { input: raw(new Uint8Array(30 * KiB)) })
    await time.settle()
    const first = startCall(session, 'a/b', { input: raw(new Uint8Array(36 * KiB)) })
    const last = startCall(session, 'a/b', { input: raw(new Uint8Array(bytes)) })
    await time.settle()
    expect([first.code, last.code, last.error?.maybeExecuted ?? false]).toEqual(['PENDING', code, false])
  })

  it('may exceed callBytesQueuedMax, one at a time', async () => {
    const { peer, time, session } = await openProbe(
      'client',
      { limits: { callBytesQueuedMax: 10 * KiB } },
      pair,
    )
    peer.stream.pause()
    startCall(session, 'a/b', { input: raw(new Uint8Array(30 * KiB)) })
    const long = startCall(session, 'a/b', { input: raw(new Uint8Array(500 * KiB)) })
    await time.settle()
    expect(long.code).toBe('PENDING')
  })
})
