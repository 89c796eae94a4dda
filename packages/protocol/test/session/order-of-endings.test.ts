import { createMemoryChannels, createVirtualClock } from '@frameport/testing'
import { expect, it } from 'vitest'
import { createSession, type Session } from '../../src/session/index.ts'
import { Recorder, startCall } from '../support/sessions.ts'

const aborted = { code: 'ABORTED', message: 'by the test' } as const

/** A client, and what it is told of its end and of the calls that are made with `call`, in order. */
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

it('settles a call that is refused in the turn of an abort before it says that it has closed', async () => {
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
])('says last that it has closed when a session with a channel %s', async (_, end) => {
  const { clock, told, session, call } = watchedClient()
  const { a } = createMemoryChannels()
  session.attach(a)
  end(session)
  call('first')
  call('second')
  await clock.runUntilIdle()
  expect(told).toEqual(['first UNAVAILABLE', 'second UNAVAILABLE', 'closed'])
})

it('settles also what the callback of a refused call calls before it says that it has closed', async () => {
  const { clock, told, session, call } = watchedClient()
  session.abort(aborted)
  call('first', () => call('second', () => call('third')))
  await clock.settle()
  expect(told).toEqual(['first UNAVAILABLE', 'second UNAVAILABLE', 'third UNAVAILABLE', 'closed'])
})

it('settles a call that is made after the end as well, in a microtask', async () => {
  const { clock, told, session } = watchedClient()
  session.abort(aborted)
  await clock.settle()
  const late = startCall(session)
  expect(late.code).toBe('PENDING')
  await clock.settle()
  expect([told, late.code]).toEqual([['closed'], 'UNAVAILABLE'])
})
