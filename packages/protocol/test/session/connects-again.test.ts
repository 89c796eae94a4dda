import { attachFrames } from '@frameport/framing'
import { createMemoryPair, createVirtualClock, type MemoryPair } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import type { Body } from '../../src/envelope/index.ts'
import { RpcError, type SessionCloseReason } from '../../src/index.ts'
import { createSession, type HelloInfo, type SessionLimits } from '../../src/session/index.ts'
import { Resumable, ResumeRecorder } from '../support/resumable.ts'
import { quiet } from '../support/resumable-ends.ts'
import { Recorder, startCall } from '../support/sessions.ts'

const text = (value: string): Body => ({ kind: 'value', value })

/** A client session that was never open, and the servers to which it connects one after the other. */
class Knocking {
  readonly time = createVirtualClock()
  readonly recorder = new ResumeRecorder()
  readonly hellos: HelloInfo[] = []
  readonly servers: Recorder[] = []
  readonly pairs: MemoryPair[] = []
  readonly session

  constructor(connectsAgain = true, limits: Partial<SessionLimits> = {}) {
    this.session = createSession({
      role: 'client',
      contracts: [],
      environment: this.time,
      handlers: this.recorder,
      auth: text('first'),
      connectsAgain,
      limits,
    })
  }

  get detaches() {
    return this.recorder.detaches.map(({ code, message }) => `${code}: ${message}`)
  }

  /** Attaches a channel to a server that calls `decide` for the hello, or to nobody without `decide`. */
  async knock(decide?: () => Promise<void>, auth?: Body): Promise<void> {
    const pair = createMemoryPair({ clock: this.time })
    this.pairs.push(pair)
    if (decide !== undefined) {
      const recorder = new Recorder()
      recorder.onHello = async (hello) => {
        this.hellos.push(hello)
        await decide()
        return {}
      }
      recorder.onCall = (call) => call.respond(text('answer'))
      this.servers.push(recorder)
      const server = createSession({
        role: 'server',
        contracts: [],
        environment: this.time,
        handlers: recorder,
      })
      server.attach(attachFrames(pair.b))
    }
    this.session.attach(attachFrames(pair.a), auth === undefined ? {} : { auth })
    await this.time.settle()
  }
}

const letIn = async () => undefined
const refuse = (error: Error) => async () => {
  throw error
}

describe('a client session with connectsAgain', () => {
  it('accepts another channel when the first ones fail, and sends its queued calls there', async () => {
    const knocking = new Knocking()
    const outcome = startCall(knocking.session)
    await knocking.knock()
    knocking.pairs[0]?.b.abort()
    await knocking.time.settle()
    await knocking.knock()
    knocking.pairs[1]?.b.end()
    await knocking.time.settle()
    expect(knocking.detaches).toEqual([
      expect.stringMatching(/^CONNECTION_LOST: /),
      expect.stringMatching(/^CONNECTION_LOST: /),
    ])
    expect([knocking.session.state, outcome.code]).toEqual(['opening', 'PENDING'])
    await knocking.knock(letIn)
    expect([knocking.session.state, outcome.value]).toEqual(['open', 'answer'])
    expect(knocking.recorder.opens.length).toBe(1)
    await Promise.all([knocking.session.close(), knocking.time.advance(10_000)])
    expect(knocking.time.timers).toEqual([])
    expect(knocking.pairs.flatMap((pair) => pair.leftOvers())).toEqual([])
  })

  it('detaches from a channel whose handshake takes too long', async () => {
    const knocking = new Knocking(true, { helloTimeoutMs: 500 })
    await knocking.knock()
    await knocking.time.advance(500)
    expect(knocking.detaches).toEqual(['HELLO_TIMEOUT: no handshake within 500 ms'])
    expect(knocking.pairs[0]?.a.state).toBe('closed')
    knocking.session.abort({ code: 'ABORTED', message: 'by the test' })
    await knocking.time.settle()
    expect(knocking.time.timers).toEqual([])
  })

  it('keeps the deadlines of queued calls', async () => {
    const knocking = new Knocking()
    const outcome = startCall(knocking.session, 'a/b', { deadlineMs: 300 })
    await knocking.knock()
    knocking.pairs[0]?.b.abort()
    await knocking.time.advance(300)
    expect([outcome.code, outcome.error?.maybeExecuted]).toEqual(['DEADLINE_EXCEEDED', false])
    await Promise.all([knocking.session.close(), knocking.time.advance(10_000)])
    expect(knocking.recorder.closes.length).toBe(1)
  })

  it('reports a refusal with its error and retry time, and can connect later with other credentials', async () => {
    const knocking = new Knocking()
    const busy = new RpcError('RESOURCE_EXHAUSTED', 'full', { retryAfterMs: 700 })
    await knocking.knock(refuse(busy))
    expect(knocking.recorder.detaches).toEqual([
      expect.objectContaining({
        code: 'HELLO_REFUSED',
        closedBy: 'peer',
        retryAfterMs: 700,
        cause: expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }),
      }),
    ])
    await knocking.knock(letIn, text('second'))
    expect(knocking.session.state).toBe('open')
    expect(knocking.hellos.map(({ auth }) => auth)).toEqual([text('first'), text('second')])
    await Promise.all([knocking.session.close(), knocking.time.advance(10_000)])
  })

  it('fails its calls with the error of a refusal when its owner aborts it', async () => {
    const knocking = new Knocking()
    const outcome = startCall(knocking.session)
    knocking.recorder.onDetached = () => knocking.session.abort(knocking.recorder.detaches[0]!)
    await knocking.knock(refuse(new RpcError('UNAUTHENTICATED', 'who are you?')))
    expect([outcome.code, outcome.error?.maybeExecuted]).toEqual(['UNAUTHENTICATED', false])
    const late = startCall(knocking.session)
    await knocking.time.settle()
    expect([late.code, knocking.session.state]).toEqual(['UNAUTHENTICATED', 'closed'])
    expect(knocking.recorder.closes).toEqual([expect.objectContaining({ code: 'HELLO_REFUSED' })])
    await knocking.time.advance(10_000)
    expect(knocking.time.timers).toEqual([])
  })

  it('detaches when a server that shuts down answers with a goaway', async () => {
    const knocking = new Knocking()
    const pair = createMemoryPair({ clock: knocking.time })
    const server = createSession({
      role: 'server',
      contracts: [],
      environment: knocking.time,
      handlers: new Recorder(),
    })
    server.attach(attachFrames(pair.b))
    void server.close()
    knocking.session.attach(attachFrames(pair.a))
    await knocking.time.advance(2_000)
    expect([knocking.session.state, knocking.detaches]).toEqual([
      'opening',
      [expect.stringMatching(/^(CLOSED|CONNECTION_LOST): /)],
    ])
    await Promise.all([knocking.session.close(), knocking.time.advance(10_000)])
  })

  it('detaches on faults that another server may not have', async () => {
    const knocking = new Knocking()
    const outcome = startCall(knocking.session)
    await knocking.knock()
    knocking.pairs[0]?.b.start({
      data: () => undefined,
      drain: () => undefined,
      end: () => undefined,
      close: () => undefined,
    })
    knocking.pairs[0]?.b.send(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await knocking.time.settle()
    expect([knocking.session.state, outcome.code, knocking.detaches]).toEqual([
      'opening',
      'PENDING',
      [expect.stringMatching(/^NOT_FRAMEPORT: /)],
    ])
    await knocking.knock(letIn)
    expect(knocking.session.state).toBe('open')
    await Promise.all([knocking.session.close(), knocking.time.advance(10_000)])
  })

  it('refuses credentials that cannot be sent, and stays unchanged', async () => {
    const knocking = new Knocking()
    const { a } = createMemoryPair({ clock: knocking.time })
    const circle: unknown[] = []
    circle.push(circle)
    const auth: Body = { kind: 'value', value: circle }
    expect(() => knocking.session.attach(attachFrames(a), { auth })).toThrow()
    expect(knocking.session.state).toBe('opening')
    await knocking.knock(letIn)
    expect(knocking.session.state).toBe('open')
    await Promise.all([knocking.session.close(), knocking.time.advance(10_000)])
  })

  it('stays usable when a channel does not start', async () => {
    const knocking = new Knocking()
    const { a } = createMemoryPair({ clock: knocking.time })
    const channel = attachFrames(a)
    const broken = Object.create(channel, {
      start: {
        value: () => {
          throw new Error('no start')
        },
      },
    })
    expect(() => knocking.session.attach(broken)).toThrow('no start')
    expect(knocking.session.state).toBe('opening')
    await knocking.knock(letIn)
    expect(knocking.session.state).toBe('open')
    await Promise.all([knocking.session.close(), knocking.time.advance(10_000)])
  })
})

describe('detach()', () => {
  it('leaves the channel of a session that waits for the next one', async () => {
    const knocking = new Knocking()
    await knocking.knock()
    knocking.session.detach({ code: 'HELLO_TIMEOUT', message: 'too late' })
    await knocking.time.settle()
    expect([knocking.detaches, knocking.pairs[0]?.a.state]).toEqual([['HELLO_TIMEOUT: too late'], 'closed'])
    await knocking.knock(letIn)
    expect(knocking.session.state).toBe('open')
    await Promise.all([knocking.session.close(), knocking.time.advance(10_000)])
  })

  it('ends a session that ends with its connection', async () => {
    const knocking = new Knocking(false)
    const outcome = startCall(knocking.session)
    await knocking.knock()
    knocking.session.detach({ code: 'HELLO_TIMEOUT', message: 'too late' })
    await knocking.time.advance(10_000)
    expect([knocking.session.state, outcome.code, knocking.detaches]).toEqual(['closed', 'UNAVAILABLE', []])
  })

  it('leaves the channel of an open session, which resumes over the next one', async () => {
    const world = new Resumable()
    await world.connect()
    world.client.detach({ code: 'CONNECTION_LOST', message: 'the network has changed' })
    expect([world.client.state, world.clientSide.detaches]).toEqual([
      'detached',
      [{ code: 'CONNECTION_LOST', message: 'the network has changed' }],
    ])
    await world.connect()
    expect([world.client.state, world.clientSide.resumes]).toEqual(['open', 1])
    await quiet(world)
  })
})

describe('the owner of a session', () => {
  it('learns of its end before calls that were aborted after the grace', async () => {
    const knocking = new Knocking()
    const told: string[] = []
    Object.assign(knocking.recorder, {
      ending: ({ code, closedBy }: SessionCloseReason) => void told.push(`ending ${code} ${closedBy}`),
    })
    await knocking.knock(letIn)
    Object.assign(knocking.servers[0] as Recorder, { onCall: () => undefined })
    knocking.session.call(
      { procedure: 'a/b', input: { kind: 'none' } },
      { item: () => undefined, settled: (error) => void told.push(`call ${error?.code}`) },
    )
    await knocking.time.settle()
    const closing = knocking.session.close({ graceMs: 100 })
    await knocking.time.advance(5_000)
    await closing
    expect(told).toEqual(['ending CLOSED local', 'call UNAVAILABLE'])
  })

  it('gets the connection of a new session before the calls of the forgotten session settle', async () => {
    const world = new Resumable()
    await world.connect()
    const told: string[] = []
    const call = (name: string) =>
      world.client.call(
        { procedure: name, input: { kind: 'none' } },
        { item: () => undefined, settled: () => void told.push(name) },
      )
    call('sent')
    await world.time.settle()
    await world.cut()
    call('waits')
    world.restart()
    const next = world.newClient(new ResumeRecorder())
    world.clientSide.onForgotten = (opened) => {
      told.push('forgotten')
      next.attach(opened)
    }
    await world.connect()
    expect([told, next.state]).toEqual([['forgotten', 'waits', 'sent'], 'open'])
    await Promise.all([next.close(), world.time.advance(60_000)])
    await quiet(world)
  })

  it('learns of a goaway before refused calls settle, and of an end before all other calls', async () => {
    const time = createVirtualClock()
    const { a, b } = createMemoryPair({ clock: time })
    const told: string[] = []
    const recorder = new ResumeRecorder()
    recorder.goaway = () => void told.push('goaway')
    const handlers = Object.assign(recorder, { ending: () => void told.push('ending') })
    const client = createSession({ role: 'client', contracts: [], environment: time, handlers })
    const served = new Recorder()
    const server = createSession({ role: 'server', contracts: [], environment: time, handlers: served })
    server.attach(attachFrames(b))
    client.attach(attachFrames(a))
    await time.settle()
    const call = (name: string) =>
      client.call(
        { procedure: name, input: { kind: 'none' } },
        { item: () => undefined, settled: (error) => void told.push(`${name} ${error?.maybeExecuted}`) },
      )
    call('taken')
    await time.settle()
    void server.close()
    call('not taken')
    await time.settle()
    expect(told).toEqual(['goaway', 'not taken false'])
    a.abort()
    await time.advance(10_000)
    expect(told.slice(2)).toEqual(['ending', 'taken true'])
  })
})
