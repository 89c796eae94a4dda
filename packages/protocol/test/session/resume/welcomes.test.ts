import { attachFrames } from '@frameport/framing'
import { createMemoryPair } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../../src/envelope/index.ts'
import { settingsOf, settingsToSend } from '../../../src/envelope/settings.ts'
import { resolveSessionLimits } from '../../../src/session/index.ts'
import { network } from '../../support/network.ts'
import { RawPeer, welcome } from '../../support/raw-peer.ts'
import { ResumeRecorder } from '../../support/resumable.ts'
import { keepingClient, peerKeeps, sent, ticket } from '../../support/resuming-peers.ts'
import { openSide, startCall, value } from '../../support/sessions.ts'
import { WatchedStream } from '../../support/watched-stream.ts'

describe('a welcome', () => {
  it('that resumes a session without a request breaks the protocol', async () => {
    const { time, a, b } = network()
    const recorder = new ResumeRecorder()
    openSide('client', time, a, { limits: { resumeBytes: 65_536 } }, recorder)
    const peer = new RawPeer(b)
    peer.send({ ...welcome, session: ticket, received: 0 })
    await time.advance(10_000)
    expect(recorder.closes[0]).toMatchObject({ code: 'PROTOCOL_VIOLATION' })
  })

  it('answers a hello that announces what the client keeps, without a ticket', async () => {
    const { greeting, session, time } = await keepingClient({ resumeBytes: 70_000, resumeWindowMs: 9_000 })
    const { settings, resume } = greeting as Extract<Envelope, { kind: 'hello' }>
    expect(settingsOf(settings)).toMatchObject({ resumeBytes: 70_000, resumeWindowMs: 9_000 })
    expect(resume).toBe(undefined)
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.advance(10_000)
  })

  it.each([
    ['a reset', (peer: RawPeer) => peer.stream.abort()],
    ['an end', (peer: RawPeer) => peer.stream.end()],
    [
      'an end inside a frame',
      (peer: RawPeer) => {
        peer.sendBytes(Uint8Array.of(0, 0, 0, 9, 1))
        peer.stream.end()
      },
    ],
    [
      'a goaway because of a missing heartbeat',
      (peer: RawPeer) => peer.send({ kind: 'goaway', code: 'HEARTBEAT_TIMEOUT', text: '', metadata: {} }),
    ],
  ] as const)(
    'may be followed by %s, after which the client shows the ticket that it was given',
    async (_what, cut) => {
      const { time, session, recorder, peer } = await keepingClient()
      const outcome = startCall(session, 'a/b', { input: value(1) })
      peer.send({ kind: 'skip' })
      await time.settle()
      cut(peer)
      await time.advance(1)
      expect([session.state, recorder.detaches.length]).toEqual(['detached', 1])
      const pair = createMemoryPair({ clock: time, chunking: 'merged' })
      const second = new RawPeer(new WatchedStream(pair.b))
      session.attach(attachFrames(pair.a))
      await time.settle()
      expect(second.received).toEqual([
        expect.objectContaining({ kind: 'hello', resume: { ...ticket, received: 1 } }),
      ])
      const settings = settingsToSend({ ...settingsOf([]), ...peerKeeps })
      second.send({
        ...welcome,
        settings,
        session: { ...ticket, secret: new Uint8Array(16).fill(8) },
        received: 0,
      })
      await time.settle()
      expect(sent(second.received, 'call')).toHaveLength(1)
      expect([session.state, outcome.code]).toEqual(['open', 'PENDING'])
      session.abort({ code: 'ABORTED', message: 'enough' })
      await time.advance(10_000)
      expect(time.timers).toEqual([])
    },
  )

  it('with other settings than before breaks the protocol: the server learns it, and the session ends', async () => {
    const { time, session, recorder, peer } = await keepingClient()
    const outcome = startCall(session, 'a/b', { input: value(1) })
    peer.stream.abort()
    await time.settle()
    const pair = createMemoryPair({ clock: time, chunking: 'merged' })
    const second = new RawPeer(new WatchedStream(pair.b))
    session.attach(attachFrames(pair.a))
    const settings = settingsToSend({ ...settingsOf([]), ...peerKeeps, uploadItems: 3 })
    second.send({ ...welcome, settings, session: ticket, received: 0 })
    await time.settle()
    expect(sent(second.received, 'goaway')).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    expect(sent(second.received, 'call')).toEqual([])
    await time.advance(10_000)
    expect(recorder.closes[0]).toMatchObject({ code: 'PROTOCOL_VIOLATION' })
    expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    expect(time.timers).toEqual([])
  })

  it.each(['UNAVAILABLE', 'RESOURCE_EXHAUSTED'])(
    'may be replaced by a refusal with %s, after which the session goes on waiting',
    async (code) => {
      const { time, session, recorder, peer } = await keepingClient()
      peer.stream.abort()
      await time.settle()
      const pair = createMemoryPair({ clock: time, chunking: 'merged' })
      const second = new RawPeer(new WatchedStream(pair.b))
      session.attach(attachFrames(pair.a))
      second.send({
        kind: 'refused',
        code,
        text: 'later',
        retryAfterMs: 500,
        metadata: {},
        body: { encoding: 'none', bytes: new Uint8Array() },
      })
      await time.settle()
      expect(session.state).toBe('detached')
      expect(recorder.detaches.at(-1)).toMatchObject({
        code: 'HELLO_REFUSED',
        cause: { code, retryAfterMs: 500 },
      })
      session.abort({ code: 'ABORTED', message: 'enough' })
      await time.advance(10_000)
      expect(time.timers).toEqual([])
    },
  )
})

it('resumeBytes is 0, or at least 65,536', async () => {
  expect(resolveSessionLimits({ resumeBytes: 65_536 }).resumeBytes).toBe(65_536)
  for (const resumeBytes of [1, 65_535])
    expect(() => resolveSessionLimits({ resumeBytes })).toThrow(
      /resumeBytes is \d+: it must be 0 or at least 65536/,
    )
})
