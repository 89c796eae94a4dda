import { contract, procedure } from '@frameport/protocol'
import type { HandledCalls } from '@frameport/protocol/contract'
import { implement, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { openServer } from '../src/frameport-server.ts'
import type { ServerTransport } from '../src/server-transport.ts'
import { TestClock } from './support/test-clock.ts'

const room = contract('room', { version: 1, procedures: { ping: procedure({}) } })
const desk = contract('desk', {
  version: 1,
  procedures: { ping: procedure({}) },
  clientProcedures: { ask: procedure({}) },
})
const handlers = { ping: () => undefined }
const roomHandlers = implement(room).handlers(handlers)
const deskHandlers = implement(desk).handlers(handlers)

/** A server over two transports of a platform without sockets. */
function open(implementations = [roomHandlers], options: ServerOptions<unknown> = {}) {
  const clock = new TestClock()
  const asked: string[] = []
  const lines: [facts: object, text: string][] = []
  const line = (facts: object, text: string) => void lines.push([facts, text])
  const transport = (name: string, close: () => Promise<void>): ServerTransport => ({
    schemes: [name],
    optionNames: [],
    acceptor: (target) => ({
      url: String(target),
      listen: async () => ({
        url: `${target}/bound`,
        close: async () => void asked.push(`${target} closes`),
      }),
    }),
    async close() {
      asked.push(`${name} closes`)
      await close()
    },
  })
  const failure = new Error('EBUSY')
  const server = openServer(
    implementations,
    { log: { debug: line, info: line, warn: line, error: line }, ...options },
    () => ({
      environment: clock,
      handledCalls: () => {
        asked.push('handledCalls')
        return {} as HandledCalls
      },
      digest: () => {
        asked.push('digest')
        return () => ''
      },
      transports: [
        transport('pipe', async () => undefined),
        transport('room', () => Promise.reject(failure)),
      ],
    }),
  )
  return { server, asked, lines, clock, failure }
}

describe('A closing server', () => {
  it('closes each transport after its listeners, and logs the failure of a transport', async () => {
    const { server, asked, lines, clock, failure } = open()
    await server.listen('room://a')
    await clock.until(server.close())
    expect(asked).toEqual(['room://a closes', 'pipe closes', 'room closes'])
    expect(lines.at(-1)).toStrictEqual([{ err: failure }, 'a transport failed to close'])
    expect(clock.timers).toEqual([])
  })
})

it('the log line of a listener without a back end does not name one', async () => {
  const { server, lines, clock } = open()
  await server.listen('pipe://a')
  expect(lines).toStrictEqual([[{ url: 'pipe://a/bound' }, 'listening']])
  await clock.until(server.close())
})

describe('A server asks its platform for the handler that makes a call', () => {
  it.each([
    ['if one of its contracts has procedures of clients', [roomHandlers, deskHandlers], {}, ['handledCalls']],
    ['but not if no contract has procedures of clients', [roomHandlers], {}, []],
    [
      'but not if deadlines are not inherited',
      [deskHandlers],
      { clientCalls: { inheritDeadline: false } },
      [],
    ],
    [
      'if deadlines are inherited',
      [deskHandlers],
      { clientCalls: { inheritDeadline: true } },
      ['handledCalls'],
    ],
  ])('%s', (_, implementations, options, expected) => {
    expect(open(implementations as never, options).asked).toEqual(expected)
  })
})
