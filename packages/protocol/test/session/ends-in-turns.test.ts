import { describe, expect, it } from 'vitest'
import { createSessionHost, type IncomingCall, type SessionHost } from '../../src/session/index.ts'
import { Loop } from '../support/loop.ts'
import { network } from '../support/network.ts'
import { firstCall, hello, openProbe, RawPeer } from '../support/raw-peer.ts'
import { openSide, Recorder, type SideOptions, startCall } from '../support/sessions.ts'

const hostOptions = { turnMs: 10, memoryBytesMax: 2 ** 28 }
const aborted = { code: 'ABORTED', message: 'by the test' } as const

/** The simulated work of one callback for an end. */
const endMs = 0.1

/** A server session with `count` open calls. The abort of each takes `endMs` of work. */
async function withCalls(loop: Loop, count: number, options: SideOptions = {}) {
  const { a, b } = network({ chunking: 'merged' })
  const recorder = new Recorder()
  const told: string[] = []
  recorder.onCall = (call: IncomingCall) =>
    call.signal.addEventListener('abort', () => {
      loop.workedMs += endMs
      told.push('aborted')
    })
  recorder.closed = () => void told.push('closed')
  const side = openSide('server', loop, a, options, recorder)
  const peer = new RawPeer(b)
  peer.send(hello)
  await loop.time.settle()
  peer.send(...Array.from({ length: count }, (_, at) => ({ ...firstCall, callId: 1 + 2 * at })))
  await loop.time.settle()
  while (recorder.calls.length < count) await loop.turn()
  await loop.turn()
  return { ...side, peer, told }
}

/** The work of 32 steps, after which a session first reads the clock. */
const unmeasuredMs = 32 * endMs

/** The work of each turn of the event loop until nothing is left to do. */
async function workOfTurns(loop: Loop, first: () => unknown): Promise<number[]> {
  const work: number[] = []
  let before = loop.workedMs
  const note = () => {
    work.push(loop.workedMs - before)
    before = loop.workedMs
  }
  first()
  await loop.time.advance(1)
  note()
  for (let idle = 0; idle < 3; idle++) {
    await loop.turn()
    if (loop.workedMs > before) idle = -1
    note()
  }
  return work
}

const longest = (work: readonly number[]) => Math.max(...work)
const total = (work: readonly number[]) => work.reduce((sum, ms) => sum + ms, 0)

describe('the end of a session with many calls', () => {
  it.each<[string, (side: Awaited<ReturnType<typeof withCalls>>) => unknown]>([
    ['closed without a grace period', ({ session }) => session.close({ graceMs: 0 })],
    ['aborted', ({ session }) => session.abort(aborted)],
    ['ended because of a fault of the peer', ({ peer }) => peer.send(firstCall)],
    ['whose connection is lost', ({ peer }) => peer.stream.abort()],
    ['whose peer has ended', ({ peer }) => peer.stream.end()],
  ])('that is %s aborts them for sessionTurnMs per turn, and reports its close last', async (_, end) => {
    const loop = new Loop()
    const side = await withCalls(loop, 250)
    const work = await workOfTurns(loop, () => end(side))
    expect(longest(work)).toBeLessThan(unmeasuredMs + 3)
    expect(total(work)).toBeCloseTo(250 * endMs)
    await loop.time.advance(5_000)
    expect(side.session.state).toBe('closed')
    expect(side.told).toEqual([...Array.from({ length: 250 }, () => 'aborted'), 'closed'])
    expect([loop.time.timers, loop.turnsAsked]).toEqual([[], 0])
  })

  it('reports each of them to the peer when its grace is over, before it ends', async () => {
    const loop = new Loop()
    const { session, peer } = await withCalls(loop, 250)
    let hasClosed = false
    void session.close({ graceMs: 0 }).then(() => {
      hasClosed = true
    })
    await loop.time.advance(1)
    const inTurns = [peer.all('failure').length]
    expect([session.state, hasClosed]).toEqual(['closed', false])
    while (peer.all('failure').length < 250 && inTurns.length < 50) {
      expect([peer.ended, hasClosed]).toEqual([false, false])
      await loop.turn()
      inTurns.push(peer.all('failure').length)
    }
    expect(inTurns.length).toBeGreaterThan(5)
    expect(new Set(peer.all('failure').map(({ callId }) => callId)).size).toBe(250)
    await loop.turn()
    await loop.time.advance(5_000)
    expect([peer.ended, hasClosed]).toEqual([true, true])
  })

  it('sends the answer of a handler that ends before its turn to be aborted, and does not abort it', async () => {
    const loop = new Loop()
    const { session, peer, recorder } = await withCalls(loop, 250)
    void session.close({ graceMs: 0 })
    await loop.time.advance(1)
    const last = recorder.calls.at(-1)!
    last.respond({ kind: 'none' })
    for (let turn = 0; turn < 30; turn++) await loop.turn()
    expect(last.signal.aborted).toBe(false)
    expect(peer.all('result').map(({ callId }) => callId)).toEqual([last.id])
    expect(peer.all('failure')).toHaveLength(249)
  })

  it('accepts and begins nothing meanwhile', async () => {
    const loop = new Loop()
    const { session, peer, recorder } = await withCalls(loop, 250)
    void session.close({ graceMs: 0 })
    await loop.time.advance(1)
    peer.send({ ...firstCall, callId: 1_001 }, { kind: 'cancel', callId: 499, code: 'CANCELLED', text: '' })
    const own = startCall(session)
    await loop.turn()
    expect([recorder.calls.length, own.code]).toEqual([250, 'UNAVAILABLE'])
  })
})

describe('the ends of many sessions of one host', () => {
  const many = async (loop: Loop, host: SessionHost) =>
    Promise.all(Array.from({ length: 40 }, () => withCalls(loop, 10, { host })))

  it.each<[string, (sides: Awaited<ReturnType<typeof many>>) => unknown]>([
    ['are closed at once', (sides) => sides.map(({ session }) => session.close({ graceMs: 0 }))],
    ['are aborted at once', (sides) => sides.map(({ session }) => session.abort(aborted))],
    ['lose their connections at once', (sides) => sides.map(({ peer }) => peer.stream.abort())],
  ])('that %s use at most turnMs per turn', async (_, end) => {
    const loop = new Loop()
    const host = createSessionHost({ ...hostOptions, environment: loop })
    const sides = await many(loop, host)
    const work = await workOfTurns(loop, () => end(sides))
    expect(longest(work)).toBeLessThan(unmeasuredMs + hostOptions.turnMs + 1)
    expect(total(work)).toBeCloseTo(400 * endMs)
    await loop.time.advance(5_000)
    for (const { told } of sides) expect(told.at(-1)).toBe('closed')
    expect([host.turns.waiting, host.memory.bytes]).toEqual([0, 0])
  })

  it('that exceed the memory budget happen in turns, and each only once', async () => {
    const loop = new Loop()
    const host = createSessionHost({ ...hostOptions, environment: loop, memoryBytesMax: 500_000 })
    const sides = await many(loop, host)
    expect(host.memory.gaveUp).toBe(0)
    const work = await workOfTurns(loop, () => {
      for (const { peer } of sides)
        peer.send({ ...firstCall, callId: 101, body: { encoding: 'raw', bytes: new Uint8Array(40_000) } })
    })
    expect(host.memory.gaveUp).toBeGreaterThan(25)
    expect(longest(work)).toBeLessThan(unmeasuredMs + hostOptions.turnMs + 1)
    expect(total(work)).toBeCloseTo(host.memory.gaveUp * 11 * endMs)
  })
})

describe('many calls of this side', () => {
  it.each(['closes', 'aborts'] as const)(
    'that are queued when it %s fail in turns, and none of them is sent',
    async (how) => {
      const loop = new Loop()
      const { a, b } = network({ chunking: 'merged' })
      const { session } = openSide('client', loop, a)
      const peer = new RawPeer(b)
      let failed = 0
      for (let at = 0; at < 1_000; at++) {
        session.call(
          { procedure: 'a/b', input: { kind: 'none' } },
          {
            item() {},
            settled: (error) => {
              loop.workedMs += endMs
              if (error?.code === 'UNAVAILABLE') failed += 1
            },
          },
        )
      }
      await loop.time.settle()
      const work = await workOfTurns(loop, () => {
        if (how === 'aborts') session.abort(aborted)
        else void session.close()
      })
      expect(longest(work)).toBeLessThan(unmeasuredMs + 3)
      expect([failed, peer.all('call').length]).toEqual([1_000, 0])
    },
  )

  it('that the peer did not accept fail as not executed, although the goaway has an error code', async () => {
    const { peer, time, session } = await openProbe('client', { peerLimits: { callsInFlightMax: 2_000 } })
    const calls = Array.from({ length: 1_000 }, () => startCall(session))
    await time.advance(100)
    expect(peer.all('call')).toHaveLength(1_000)
    peer.send({ kind: 'goaway', code: 'LIMIT_EXCEEDED', text: '', lastCallId: 1_001, metadata: {} })
    await time.advance(5_000)
    expect(calls.map(({ error }) => error?.maybeExecuted)).toEqual(
      Array.from({ length: 1_000 }, (_, at) => at <= 500),
    )
  })
})
