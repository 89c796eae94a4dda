import { contract, procedure } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import type { SessionTimer } from '@frameport/protocol/session'
import { implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { join, opened } from './support/joined.ts'
import { TestClock } from './support/test-clock.ts'

const room = contract('room', { version: 1, procedures: { ping: procedure({}) } })
const implementation = implement(room).handlers({ ping: () => undefined })
const address = { remoteEndpoint: 'tcp://192.0.2.1:7' }

/** An environment whose timers can be made to fail. */
class FaultyClock extends TestClock {
  setTimerFails = false

  override setTimer(delayMs: number, callback: () => void): SessionTimer {
    if (this.setTimerFails) throw new Error('no timers')
    return super.setTimer(delayMs, callback)
  }
}

describe('A server whose environment fails', () => {
  it('still closes its connections, and logs the failures', async () => {
    const clock = new FaultyClock()
    const stage = opened(implementation, {}, clock)
    await join(stage)
    clock.setTimerFails = true
    await stage.server.close()
    clock.setTimerFails = false
    expect(stage.server.connections.size).toBe(0)
    const facts = { connection: 'c1', err: { message: 'no timers' } }
    expect(stage.lines.filter((line) => line.level === 'error' && 'connection' in line.facts)).toMatchObject([
      { facts, text: 'a connection could not be closed in order' },
      { facts, text: 'the stream of a connection could not be aborted' },
    ])
  })

  it('logs an error of a connection', async () => {
    const clock = new FaultyClock()
    const stage = opened(implementation, {}, clock)
    const client = await join(stage, address)
    await clock.until(new Promise<void>((resolve) => void clock.setTimer(5_000, resolve)))
    clock.setTimerFails = true
    client.channel.other.abort()
    await stage.settle()
    clock.setTimerFails = false
    expect(stage.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { facts: { connection: 'c1', err: { message: 'no timers' } }, text: 'a hook of the server threw' },
    ])
  })
})

it('the end of a connection is logged with its code, and without fields that do not apply', async () => {
  const stage = opened(implementation)
  const client = await join(stage)
  client.session.close()
  await stage.until(client.connection.closed())
  expect(stage.lines.at(-1)).toStrictEqual({
    level: 'info',
    facts: { connection: 'c1', remote: 'memory:', code: 'CLOSED' },
    text: expect.stringMatching(/^connection closed: /),
  })
})

it('shareKey is called when a connection arrives, and again when its context is known', async () => {
  const asked: unknown[] = []
  const context = { user: 'ada' }
  const stage = opened(implementation, {
    context: () => context,
    shareKey: (facts: unknown) => {
      asked.push(facts)
      return undefined
    },
  } as never)
  await join(stage, address)
  expect(asked).toStrictEqual([
    { ...address, context: undefined },
    { ...address, context },
  ])
})

it.each<[string, Body, unknown]>([
  ['a value', { kind: 'value', value: 'ada' }, 'ada'],
  ['bytes', { kind: 'raw', bytes: Uint8Array.of(1, 2) }, Uint8Array.of(1, 2)],
  ['nothing', { kind: 'none' }, undefined],
])('the option context receives the auth of the client: %s', async (_, auth, given) => {
  const seen: unknown[] = []
  const context = ({ hello }: { readonly hello: { readonly auth: unknown } }) => {
    seen.push(hello.auth)
    return {}
  }
  await join(opened(implementation, { context } as never), { auth })
  expect(seen).toEqual([given])
})
