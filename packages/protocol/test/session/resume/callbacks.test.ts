import { attachFrames, type FrameChannel } from '@frameport/framing'
import { createMemoryPair } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { createSession } from '../../../src/session/index.ts'
import { closingAtOnce } from '../../support/closing-channel.ts'
import { firstCall } from '../../support/raw-peer.ts'
import { Resumable, ResumeRecorder } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'
import { endAll, keepingServer } from '../../support/resuming-peers.ts'
import { startCall, value } from '../../support/sessions.ts'

const enough = { code: 'ABORTED', message: 'enough' } as const
const ways = ['close', 'abort'] as const
type Ended = Pick<ReturnType<typeof createSession>, 'close' | 'abort'>
const end = (session: Ended | undefined, how: (typeof ways)[number]) =>
  how === 'close' ? void session?.close({ graceMs: 0 }) : session?.abort(enough)

describe('the callback `detached` of a session that leaves its connection for a new one', () => {
  it.each(ways)('may %s the session, and the client gets a new session', async (how) => {
    const { time, connect } = keepingServer()
    const first = await connect()
    first.recorder.onDetached = () => end(first.session, how)
    const second = await connect({ ...first.answer.session!, received: 0 })
    expect([second.answer.kind, second.answer.received]).toEqual(['welcome', undefined])
    expect(second.answer.session).not.toEqual(first.answer.session)
    expect([first.session.state, second.session.state]).toEqual(['closed', 'open'])
    expect(first.recorder.resumes).toBe(0)
    second.peer.send(firstCall)
    await time.settle()
    expect(second.recorder.calls).toHaveLength(1)
    await endAll(time, [first, second])
  })

  it.each(ways)(
    'may %s the session of the new connection, and the requested session still waits',
    async (how) => {
      const { time, host, connect } = keepingServer()
      const first = await connect()
      const others: Ended[] = []
      first.recorder.onDetached = () => end(others[0], how)
      const coming = connect({ ...first.answer.session!, received: 0 }, (session) => others.push(session))
      const second = await coming
      expect([first.session.state, second.session.state]).toEqual(['detached', 'closed'])
      expect(second.recorder.opens).toEqual([])
      await time.advance(30_000)
      expect(first.session.state).toBe('closed')
      expect([host.resumable.size, time.timers]).toEqual([0, []])
    },
  )
})

describe('the callback `moved`', () => {
  it.each(ways)('may %s the session that is no longer needed', async (how) => {
    const world = new Resumable()
    await world.connect()
    await world.cut()
    world.attach(world.client, (recorder) => {
      recorder.moved = () => end(world.servers.at(-1)?.session, how)
    })
    await world.time.advance(1_000)
    expect([world.client.state, world.servers.map(({ session }) => session.state)]).toEqual([
      'open',
      ['open', 'closed'],
    ])
    await quiet(world)
  })

  it.each(ways)('may %s the session to be resumed, which is then not resumed', async (how) => {
    const world = new Resumable({ pair: { latencyMs: 10 } })
    await world.connect()
    const { session, recorder } = world.server
    await world.cut()
    world.attach(world.client, (next) => {
      next.moved = (to) => end(to, how)
    })
    await world.time.advance(100)
    expect([recorder.opens.length, recorder.resumes, recorder.closes.length]).toEqual([1, 0, 1])
    expect([session.state, world.client.state]).toEqual(['closed', 'detached'])
    await quiet(world)
  })

  it('may not attach the session that is no longer needed to another connection', async () => {
    const world = new Resumable()
    await world.connect()
    await world.cut()
    const { a, b } = createMemoryPair({ clock: world.time })
    let thrown: unknown
    world.attach(world.client, (recorder) => {
      recorder.moved = () => {
        try {
          world.servers.at(-1)?.session.attach(attachFrames(b))
        } catch (error) {
          thrown = error
        }
      }
    })
    await world.time.settle()
    expect(thrown).toMatchObject({ code: 'INVALID_OPTION' })
    expect(world.client.state).toBe('open')
    a.abort()
    await quiet(world)
  })
})

describe('a callback that cuts the connection, on a channel that closes inside of `abort`,', () => {
  /** A connected client whose channels close inside of `abort`, and a way to connect it again. */
  function world() {
    const all = new Resumable()
    const recorder = new ResumeRecorder()
    const client = all.newClient(recorder)
    const channels: FrameChannel[] = []
    const connect = () => {
      const server = createSession({
        role: 'server',
        contracts: [],
        environment: all.time,
        handlers: new ResumeRecorder(),
        host: all.host,
        limits: { resumeBytes: 65_536 },
      })
      const pair = createMemoryPair({ clock: all.time })
      server.attach(attachFrames(pair.b))
      channels.push(closingAtOnce(attachFrames(pair.a)))
      client.attach(channels.at(-1)!)
      return server
    }
    const over = async (server: ReturnType<typeof connect>) => {
      await endAll(all.time, [{ session: client }, { session: server }])
      expect(all.time.timers).toEqual([])
    }
    return { time: all.time, recorder, client, connect, over, cut: () => channels.at(-1)!.abort() }
  }

  it('gets no envelope twice', async () => {
    const { time, recorder, client, connect, cut, over } = world()
    const server = connect()
    await time.settle()
    recorder.onDetached = () => void (client.state === 'detached' && connect())
    recorder.onEvent = () => {
      if (recorder.events.length === 1) cut()
    }
    server.emit({ event: 'a/e', topic: 't', body: value(1) })
    server.emit({ event: 'a/e', topic: 't', body: value(2) })
    await time.settle()
    expect(recorder.events.map(({ body }) => body)).toEqual([value(1), value(2)])
    await over(server)
  })

  it('in opened, leaves calls in the queue for the next connection', async () => {
    const { time, recorder, client, connect, cut, over } = world()
    recorder.onOpened = () => cut()
    const server = connect()
    await time.settle()
    expect(client.state).toBe('detached')
    const outcome = startCall(client, 'a/b', { deadlineMs: 100 })
    await time.advance(100)
    expect([outcome.error?.code, outcome.error?.maybeExecuted]).toEqual(['DEADLINE_EXCEEDED', false])
    await over(server)
  })

  it('for a call that a draining server did not accept, ends the session', async () => {
    const { time, client, connect, cut, over } = world()
    const server = connect()
    await time.settle()
    const taken = startCall(client)
    await time.settle()
    void server.close()
    const settled: (string | undefined)[] = []
    client.call(
      { procedure: 'a/b', input: value(1) },
      {
        item: () => undefined,
        settled: (error) => {
          settled.push(error?.code)
          cut()
        },
      },
    )
    await time.settle()
    expect([settled, taken.code, client.state]).toEqual([['UNAVAILABLE'], 'UNAVAILABLE', 'closed'])
    await over(server)
  })
})

it('a session whose resume window is over is closed in all callbacks about its end', async () => {
  const world = new Resumable()
  await world.connect()
  const states: string[] = []
  Object.assign(world.clientSide, { ending: () => states.push(world.client.state) })
  world.client.call(
    { procedure: 'a/b', input: { kind: 'none' } },
    { item: () => {}, settled: () => states.push(world.client.state) },
  )
  await world.cut()
  await world.time.advance(30_000)
  expect(states).toEqual(['closed', 'closed'])
  await quiet(world)
})
