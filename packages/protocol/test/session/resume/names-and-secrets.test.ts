import { attachFrames } from '@frameport/framing'
import { createMemoryPair } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../../src/envelope/index.ts'
import { settingsOf, settingsToSend } from '../../../src/envelope/settings.ts'
import { RpcError } from '../../../src/index.ts'
import { createSession, type SessionLimits } from '../../../src/session/index.ts'
import { network } from '../../support/network.ts'
import { firstCall, hello, RawPeer } from '../../support/raw-peer.ts'
import { Resumable, ResumeRecorder } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'
import { endAll, keepingServer, peerKeeps } from '../../support/resuming-peers.ts'
import { openSide, startCall } from '../../support/sessions.ts'

const contract = { name: 'a', fingerprints: {}, eventFingerprints: {}, clientFingerprints: {}, hash: 'abcd' }

describe('a session has an id', () => {
  it.each([
    ['both sides keep enough', { resumeBytes: 65_536 }, 65_536, true],
    ['the client keeps nothing', { resumeBytes: 65_536 }, 0, false],
    ['the client keeps too little', { resumeBytes: 65_536 }, 65_535, false],
    ['the server keeps nothing', { resumeBytes: 0 }, 65_536, false],
    ['the client has no window', { resumeBytes: 65_536 }, 65_536, false, 0],
  ])('if %s: %o and %d: %s', async (_what, limits, resumeBytes, isNamed, resumeWindowMs = 30_000) => {
    const { time, host, connect } = keepingServer(limits, { resumeBytes, resumeWindowMs })
    const { answer, session, cut, recorder } = await connect()
    expect(answer.session !== undefined).toBe(isNamed)
    expect(host.resumable.size).toBe(isNamed ? 1 : 0)
    cut()
    await time.settle()
    expect(session.state).toBe(isNamed ? 'detached' : 'closed')
    await time.advance(30_000)
    expect(recorder.closes).toEqual([expect.objectContaining({ code: 'CONNECTION_LOST' })])
    expect([host.resumable.size, time.timers]).toEqual([0, []])
  })

  it('of 128 bits, and a secret of the same length, which each welcome replaces', async () => {
    const { time, connect } = keepingServer()
    const first = await connect()
    const { session: id, secret } = first.answer.session!
    expect([id.length, secret.length]).toEqual([16, 16])
    first.cut()
    await time.settle()
    const second = await connect({ session: id, secret, received: 0 })
    expect(second.answer.received).toBe(0)
    expect(second.answer.session?.session).toEqual(id)
    expect(second.answer.session?.secret).not.toEqual(secret)
    expect(second.recorder.movedTo).toBe(first.session)
    expect(second.recorder.closes).toEqual([
      { code: 'CLOSED', message: 'its connection belongs to the session that it resumes', closedBy: 'peer' },
    ])
    expect(second.recorder.opens).toEqual([])
    await endAll(time, [first])
  })

  it('and accepts all secrets since the last acknowledgement, because welcomes may have been lost', async () => {
    const { time, connect } = keepingServer()
    const first = await connect()
    const { session: id, secret: oldest } = first.answer.session!
    const second = await connect({ session: id, secret: oldest, received: 0 })
    const newer = second.answer.session!.secret
    // The second welcome is late or lost: the client shows the oldest secret again, and later that of the second
    // welcome.
    const third = await connect({ session: id, secret: oldest, received: 0 })
    expect(third.answer.received).toBe(0)
    const fourth = await connect({ session: id, secret: newer, received: 0 })
    expect(fourth.answer.received).toBe(0)
    const newest = fourth.answer.session!.secret
    fourth.peer.send({ kind: 'ack', received: 0 })
    await time.settle()
    const late = await connect({ session: id, secret: oldest, received: 0 })
    expect(late.answer.received).toBe(undefined)
    const right = await connect({ session: id, secret: newest, received: 0 })
    expect(right.answer.received).toBe(0)
    await endAll(time, [first, late])
  })

  it('and accepts the first secret after twenty lost welcomes, but not the second one', async () => {
    const { time, connect } = keepingServer()
    const first = await connect()
    const { session: id, secret } = first.answer.session!
    const lost = []
    for (let times = 0; times < 20; times += 1)
      lost.push((await connect({ session: id, secret, received: 0 })).answer.session!.secret)
    const forgotten = await connect({ session: id, secret: lost[0]!, received: 0 })
    expect(forgotten.answer.received).toBe(undefined)
    const right = await connect({ session: id, secret, received: 0 })
    expect(right.answer.received).toBe(0)
    await endAll(time, [first, forgotten])
  })
})

describe('a hello that asks to resume a session', () => {
  const wrong = {
    'another name': { session: new Uint8Array(16), received: 0 },
    'another secret': { secret: new Uint8Array(16), received: 0 },
    'a secret of another length': { secret: new Uint8Array(20), received: 0 },
  }
  it.each(Object.entries(wrong))(
    'with %s gets a new session, and the old one keeps its connection',
    async (_what, change) => {
      const { time, connect } = keepingServer()
      const first = await connect()
      const second = await connect({ ...first.answer.session!, ...change })
      expect(second.answer.kind).toBe('welcome')
      expect(second.answer.received).toBe(undefined)
      expect([first.session.state, second.session.state]).toEqual(['open', 'open'])
      first.peer.send({ ...firstCall })
      await time.settle()
      expect(first.recorder.calls).toHaveLength(1)
      await endAll(time, [first, second])
    },
  )

  it('and claims to have received more than was sent breaks the protocol, and the session keeps its connection', async () => {
    const { time, connect } = keepingServer()
    const first = await connect()
    const second = await connect({ ...first.answer.session!, received: 1 })
    expect(second.answer).toMatchObject({ kind: 'goaway', code: 'PROTOCOL_VIOLATION' })
    expect(first.session.state).toBe('open')
    await endAll(time, [first])
  })

  it('with other settings than before gets a new session, but settings that only inform may differ', async () => {
    const { time, host } = keepingServer()
    const connectAs = async (
      settings: Partial<Record<keyof ReturnType<typeof settingsOf>, number>>,
      resume?: Extract<Envelope, { kind: 'hello' }>['resume'],
    ) => {
      const { a, b } = network()
      const options = { limits: { resumeBytes: 65_536 }, host }
      const { session } = openSide('server', time, a, options, new ResumeRecorder())
      const peer = new RawPeer(b)
      const announced = settingsToSend({ ...settingsOf([]), ...peerKeeps, ...settings })
      // A setting without a meaning differs each time.
      peer.send({ ...hello, settings: [...announced, [27, Math.floor(time.random() * 1_000)]], resume })
      await time.settle()
      return { session, answer: peer.received[0] as Extract<Envelope, { kind: 'welcome' }> }
    }
    const first = await connectAs({})
    const asked = { ...first.answer.session!, received: 0 }
    const other = await connectAs({ bodyBytesMax: 5_000 }, asked)
    expect(other.answer.received).toBe(undefined)
    const same = await connectAs({ heartbeatIntervalMs: 1, heartbeatTimeoutMs: 2, resumeWindowMs: 3 }, asked)
    expect(same.answer.received).toBe(0)
    await endAll(time, [first, other])
  })

  it('resumes only if the server announces the same limits and contracts as before', async () => {
    const world = new Resumable()
    const connect = (limits: Partial<SessionLimits>, version: number) => {
      const { a, b } = createMemoryPair({ clock: world.time })
      const session = createSession({
        role: 'server',
        contracts: ['a', 'unknown'].map((name) => ({ ...contract, name, version })),
        environment: world.time,
        handlers: new ResumeRecorder(),
        host: world.host,
        limits: { resumeBytes: 65_536, ...limits },
      })
      session.attach(attachFrames(b))
      return { session, a }
    }
    for (const [limits, version, goesOn] of [
      [{}, 1, true],
      [{ heartbeatIntervalMs: 5_000 }, 1, true],
      [{ callsInFlightMax: 100 }, 1, false],
      [{}, 2, false],
    ] as const) {
      const recorder = new ResumeRecorder()
      const client = createSession({
        role: 'client',
        contracts: [{ ...contract, version: 1 }],
        environment: world.time,
        handlers: recorder,
        limits: { resumeBytes: 65_536 },
      })
      const first = connect({}, 1)
      client.attach(attachFrames(first.a))
      await world.time.settle()
      first.a.abort()
      await world.time.settle()
      const second = connect(limits, version)
      client.attach(attachFrames(second.a))
      await world.time.settle()
      expect([recorder.resumes, recorder.forgottenLinks.length]).toEqual(goesOn ? [1, 0] : [0, 1])
      // The old session is kept for a server that announces the same as before.
      expect(first.session.state).toBe(goesOn ? 'open' : 'detached')
      await endAll(world.time, [{ session: client }, first, second])
    }
    await quiet(world)
  })

  it('and whose welcome would be too long leaves the session on its connection', async () => {
    const small = { ...peerKeeps, frameBytesMax: 4_096 }
    const { time, connect } = keepingServer({}, small)
    const first = await connect()
    const asked = { ...first.answer.session!, received: 0 }
    const second = await connect(asked, (_session, recorder) => {
      recorder.onHelloAccepted = async () => ({ metadata: { a: 'x'.repeat(4_050) } })
    })
    expect(second.answer).toMatchObject({ kind: 'refused', code: 'RESOURCE_EXHAUSTED' })
    expect([first.session.state, first.recorder.detaches]).toEqual(['open', []])
    await endAll(time, [first, second])
  })
})

describe('a server that has room only for clients that return', () => {
  const full = new RpcError('RESOURCE_EXHAUSTED', 'no room', { retryAfterMs: 7 })
  const onlyReturning = (recorder: ResumeRecorder) => {
    recorder.onHelloAccepted = () => Promise.resolve({ unlessResumed: full })
  }

  it('accepts them, and refuses all others without a trace', async () => {
    const world = new Resumable()
    await world.connect()
    await world.cut()
    const stranger = world.newClient(new ResumeRecorder())
    const outcome = startCall(stranger, 'a/b')
    await world.connect(stranger, onlyReturning)
    expect(outcome.error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', message: 'no room', retryAfterMs: 7 })
    expect([stranger.state, world.host.resumable.size]).toEqual(['closed', 1])
    await world.connect(world.client, onlyReturning)
    expect([world.client.state, world.clientSide.resumes]).toEqual(['open', 1])
    await quiet(world)
  })
})
