import { createMemoryChannels, createVirtualClock } from '@frameport/testing'
import { expect, it } from 'vitest'
import { RpcError } from '../../src/rpc-error.ts'
import { createSession, type Session } from '../../src/session/index.ts'
import { firstCall, openProbe, type RawPeer } from '../support/raw-peer.ts'
import { Recorder, startCall } from '../support/sessions.ts'

const aborted = { code: 'ABORTED', message: 'by the test' } as const

/** A client session that records, in order, its end and the ends of calls that are made with `call`. */
function watchedClient() {
  const clock = createVirtualClock()
  const told: string[] = []
  const recorder = new Recorder()
  recorder.closed = () => void told.push('closed')
  const session = createSession({ role: 'client', environment: clock, handlers: recorder, contracts: [] })
  const call = (name: string, whenSettled = () => {}) =>
    session.call(
      { procedure: 'a/b', input: { kind: 'none' } },
      {
        item: () => {},
        settled: (error) => {
          told.push(`${name} ${error?.code}`)
          whenSettled()
        },
      },
    )
  return { clock, told, session, call }
}

it('settles a call that is refused in the turn of an abort before it reports its close', async () => {
  const { clock, told, session, call } = watchedClient()
  call('waiting')
  session.abort(aborted)
  call('refused')
  expect(told).toEqual(['waiting UNAVAILABLE'])
  await clock.settle()
  expect(told).toEqual(['waiting UNAVAILABLE', 'refused UNAVAILABLE', 'closed'])
})

it.each<[string, (session: Session) => unknown]>([
  ['is aborted', (session) => session.abort(aborted)],
  ['closes in order', (session) => session.close()],
])('reports its close last when a session with a channel %s', async (_, end) => {
  const { clock, told, session, call } = watchedClient()
  const { a } = createMemoryChannels()
  session.attach(a)
  end(session)
  call('first')
  call('second')
  await clock.runUntilIdle()
  expect(told).toEqual(['first UNAVAILABLE', 'second UNAVAILABLE', 'closed'])
})

it('settles calls that the callback of a refused call makes before it reports its close', async () => {
  const { clock, told, session, call } = watchedClient()
  session.abort(aborted)
  call('first', () => call('second', () => call('third')))
  await clock.settle()
  expect(told).toEqual(['first UNAVAILABLE', 'second UNAVAILABLE', 'third UNAVAILABLE', 'closed'])
})

it('settles a call that is made after the close in a microtask', async () => {
  const { clock, told, session } = watchedClient()
  session.abort(aborted)
  await clock.settle()
  const late = startCall(session)
  expect(late.code).toBe('PENDING')
  await clock.settle()
  expect([told, late.code]).toEqual([['closed'], 'UNAVAILABLE'])
})

it.each<[string, (session: Session, peer: RawPeer) => unknown, string[]]>([
  ['ends at the end of its grace period', (session) => session.close({ graceMs: 0 }), ['goaway', 'failure']],
  // This call id was used before.
  ['ends because of a fault of the peer', (_session, peer) => peer.send(firstCall), ['goaway']],
])('sends no answer of a handler that answers when its session %s', async (_, end, kinds) => {
  const { session, recorder, peer, time } = await openProbe('server')
  recorder.onCall = (call) =>
    call.signal.addEventListener('abort', () => call.fail(new RpcError('LATE', 'it was aborted')))
  peer.send(firstCall)
  await time.settle()
  end(session, peer)
  await time.advance(10)
  expect(recorder.calls[0]?.signal.aborted).toBe(true)
  expect(peer.kinds).toEqual(kinds)
})
