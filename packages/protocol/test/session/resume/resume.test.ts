import { attachFrames, type FrameChannel } from '@frameport/framing'
import { createMemoryPair } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { closingAtOnce } from '../../support/closing-channel.ts'
import { Resumable, type ResumeRecorder } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'
import { startCall, value } from '../../support/sessions.ts'

const answer = value('answer')
const slow = { pair: { latencyMs: 10 } }

describe('a session that lost its connection', () => {
  it('continues over another one, and each of its calls is answered once', async () => {
    const world = new Resumable()
    await world.connect()
    const first = startCall(world.client, 'a/b', { input: value(1) })
    await world.time.settle()
    const [call] = world.server.recorder.calls
    await world.cut()
    expect([world.client.state, world.server.session.state]).toEqual(['detached', 'detached'])
    expect(world.clientSide.detaches).toEqual([expect.objectContaining({ code: 'CONNECTION_LOST' })])
    call?.respond(answer)
    const second = startCall(world.client, 'a/b', { input: value(2) })
    await world.time.settle()
    expect([first.code, second.code]).toEqual(['PENDING', 'PENDING'])

    await world.connect()
    expect([world.client.state, world.server.session.state]).toEqual(['open', 'open'])
    expect([world.clientSide.resumes, world.server.recorder.resumes]).toEqual([1, 1])
    expect(first.value).toBe('answer')
    expect(world.server.recorder.calls.map(({ input }) => input)).toEqual([value(1), value(2)])
    world.server.recorder.calls[1]?.respond(answer)
    await world.time.settle()
    expect([second.settlements.length, second.value]).toEqual([1, 'answer'])
    await quiet(world)
  })

  it('continues three times in a row, with and without calls between', async () => {
    const world = new Resumable()
    await world.connect()
    for (let round = 0; round < 3; round += 1) {
      await world.cut()
      await world.connect()
      await world.cut()
      await world.connect()
      const outcome = startCall(world.client, 'a/b', { input: value(round) })
      await world.time.settle()
      world.server.recorder.calls[round]?.respond(value(round))
      await world.time.settle()
      expect(outcome.value).toBe(round)
    }
    expect(world.clientSide.resumes).toBe(6)
    await quiet(world)
  })

  it('continues when two welcomes in a row were lost', async () => {
    const world = new Resumable(slow)
    await world.connect()
    const outcome = startCall(world.client)
    await world.time.advance(20)
    await world.cut()
    for (let times = 0; times < 2; times += 1) {
      const { b } = world.attach()
      await world.time.advance(15)
      // The server has resumed the session, and its welcome is in flight.
      expect(world.server.session.state).toBe('open')
      b.abort()
      await world.time.advance(50)
      expect(world.client.state).toBe('detached')
    }
    await world.connect()
    expect(world.client.state).toBe('open')
    world.server.recorder.calls[0]?.respond(answer)
    await world.time.advance(20)
    expect(outcome.value).toBe('answer')
    await quiet(world)
  })

  it('accepts the new connection while the old one still looks alive, and ignores the old one', async () => {
    const world = new Resumable(slow)
    let old: FrameChannel | undefined
    const { b } = world.attach(undefined, undefined, (channel) => (old = closingAtOnce(channel, false)))
    await world.time.advance(80)
    const outcome = startCall(world.client)
    await world.time.advance(10)
    const { session, recorder } = world.server
    // The server does not see the cut, and what it sends over the old connection is lost.
    old?.abort()
    await world.time.settle()
    recorder.calls[0]?.respond(answer)
    await world.time.advance(1_000)
    expect([session.state, world.client.state, outcome.code]).toEqual(['open', 'detached', 'PENDING'])
    recorder.onDetached = () => expect(b.state).toBe('closed')
    await world.connect()
    expect([recorder.resumes, recorder.detaches.map(({ message }) => message)]).toEqual([
      1,
      ['the peer continues over another connection'],
    ])
    expect(outcome.value).toBe('answer')
    await world.time.advance(100)
    expect([session.state, world.client.state]).toEqual(['open', 'open'])
    await quiet(world)
  })

  it('ends on both sides when there is no other connection in time, and the reason says so', async () => {
    const world = new Resumable({ client: { resumeWindowMs: 5_000 }, server: { resumeWindowMs: 7_000 } })
    await world.connect()
    const outcome = startCall(world.client)
    await world.time.settle()
    const { session, recorder } = world.server
    await world.cut()
    await world.time.advance(4_999)
    expect([world.client.state, outcome.code]).toEqual(['detached', 'PENDING'])
    await world.time.advance(1)
    expect([world.client.state, outcome.code, outcome.error?.maybeExecuted]).toEqual([
      'closed',
      'UNAVAILABLE',
      true,
    ])
    expect(world.clientSide.closes[0]?.message).toBe(
      'the connection was lost and not replaced within 5000 ms',
    )
    expect(session.state).toBe('detached')
    await world.time.advance(2_000)
    expect([session.state, recorder.calls[0]?.signal.aborted]).toEqual(['closed', true])
    await quiet(world)
  })

  it('lasts at the client at most as long as the server keeps it', async () => {
    const world = new Resumable({ server: { resumeWindowMs: 3_000 } })
    await world.connect()
    await world.cut()
    await world.time.advance(3_000)
    expect(world.client.state).toBe('closed')
    await quiet(world)
  })

  it.each(['client', 'server'] as const)('is closed at once when the %s closes it', async (side) => {
    const world = new Resumable()
    await world.connect()
    const outcome = startCall(world.client)
    await world.time.settle()
    await world.cut()
    const closing = side === 'client' ? world.client.close() : world.server.session.close()
    await world.time.settle()
    await closing
    if (side === 'client') expect(outcome.code).toBe('UNAVAILABLE')
    expect(world.host.resumable.size).toBe(side === 'client' ? 1 : 0)
    await quiet(world)
  })

  it('ends when its connection is lost while it drains', async () => {
    const world = new Resumable()
    await world.connect()
    startCall(world.client)
    await world.time.settle()
    const closing = world.server.session.close()
    await world.time.settle()
    expect(world.client.state).toBe('draining')
    await world.cut()
    expect(world.client.state).toBe('closed')
    await closing
    await quiet(world)
  })

  it('goes on waiting when a channel does not start, and attach throws the error', async () => {
    const world = new Resumable()
    await world.connect()
    const outcome = startCall(world.client)
    await world.time.settle()
    await world.cut()
    const { b } = createMemoryPair({ clock: world.time })
    const broken = new Proxy(attachFrames(b), {
      get: (channel, name) =>
        name === 'start'
          ? () => {
              throw new Error('no such host')
            }
          : Reflect.get(channel, name, channel),
    })
    expect(() => world.client.attach(broken)).toThrow('no such host')
    await world.time.advance(1_000)
    expect([world.client.state, outcome.code]).toEqual(['detached', 'PENDING'])
    await world.connect()
    world.server.recorder.calls[0]?.respond(answer)
    await world.time.settle()
    expect(outcome.value).toBe('answer')
    b.abort()
    await quiet(world)
  })

  it('accepts no other channel at a server, because its client returns over a new session', async () => {
    const world = new Resumable()
    await world.connect()
    await world.cut()
    const { session } = world.server
    const { b } = createMemoryPair({ clock: world.time })
    expect(() => session.attach(attachFrames(b))).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('comes back') }),
    )
    await world.connect()
    expect([session.state, world.client.state]).toEqual(['open', 'open'])
    b.abort()
    await quiet(world)
  })

  it.each(['before', 'behind'] as const)(
    'announces its end again on the next connection, when it was announced %s the cut',
    async (when) => {
      const world = new Resumable(slow)
      await world.connect()
      const { session } = world.server
      if (when === 'before') session.announceEnd({ retryAfterMs: 5 })
      await world.cut()
      if (when === 'behind') session.announceEnd({ retryAfterMs: 5 })
      await world.connect()
      expect(world.clientSide.goawaysSeen).toEqual([{ isFinal: false, retryAfterMs: 5 }])
      const outcome = startCall(world.client)
      await world.time.advance(10)
      world.server.recorder.calls[0]?.respond(answer)
      await world.time.advance(10)
      expect([world.client.state, outcome.value]).toEqual(['open', 'answer'])
      await quiet(world)
    },
  )

  it('loses only its connection when a heartbeat is not answered', async () => {
    const world = new Resumable({ server: { heartbeatIntervalMs: 0 } })
    await world.connect()
    // Nothing that is sent arrives, and neither side sees an error.
    const pair = world.pairs[0]!
    pair.b.pause()
    await world.time.advance(15_000 + 20_001)
    expect(world.client.state).toBe('detached')
    expect(world.clientSide.detaches[0]).toMatchObject({ code: 'HEARTBEAT_TIMEOUT' })
    await world.connect()
    expect(world.client.state).toBe('open')
    await quiet(world)
  })
})

describe('a session cannot be resumed', () => {
  it('by another principal, and is unchanged', async () => {
    const world = new Resumable()
    const as = (principal: string) => (recorder: ResumeRecorder) => {
      recorder.onHelloAccepted = async () => ({ principal })
    }
    await world.connect(world.client, as('ada'))
    const [before] = world.servers
    await world.cut()
    await world.connect(world.client, as('eve'))
    expect(world.clientSide.closes).toEqual([expect.objectContaining({ code: 'REPLACED' })])
    expect(before?.session.state).toBe('detached')
    await quiet(world)
  })

  it('by two connections with the same secret', async () => {
    const world = new Resumable()
    await world.connect()
    const [before] = world.servers
    await world.cut()
    await world.connect()
    expect(before?.session.state).toBe('open')
    // The earlier connection is cut, and no longer affects the session.
    world.pairs[0]?.b.abort()
    await world.time.settle()
    expect(before?.session.state).toBe('open')
    await quiet(world)
  })
})
