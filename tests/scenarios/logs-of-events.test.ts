import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { attachFrames } from '@frameport/framing'
import { contract, event, procedure } from '@frameport/protocol'
import { createSession, type SessionEnvironment } from '@frameport/protocol/session'
import {
  createServer,
  type EventLog,
  type Implementation,
  implement,
  type LogPosition,
  memoryEventLog,
  type Server,
} from '@frameport/server'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import type { Asked } from './children/event-log.ts'
import { testInEveryWorld } from './served-in.ts'

const chat = contract('chat', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { line: event(z.number(), { topic: z.string(), subscribe: 'clients' }) },
})
const { line } = chat.events
const implementation = implement(chat).handlers({ ping: () => undefined })
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)

testInEveryWorld(
  'events that a log stores reach each connected client once and in order',
  () => ({
    implementation: implementation as unknown as Implementation<object>,
    options: {
      authorizeSubscribe: () => true,
      eventLogs: [{ log: memoryEventLog(), events: [line] }],
    } as object,
  }),
  async ({ world, server }) => {
    const seen: number[][] = []
    const gaps: unknown[] = []
    for (let index = 0; index < 2; index++) {
      const heard: number[] = []
      seen.push(heard)
      const client = await world.connect(server, chat, { onEventGap: (gap) => void gaps.push(gap) })
      const listening = client.$on('line', 'lobby', (number) => void heard.push(number))
      await world.run(listening.subscribed)
    }
    for (const number of numbers(1, 200)) {
      void server.publish(line, 'lobby', number)
      if (number % 50 === 0) await world.settle()
    }
    await world.eventually('all have come', () => seen.every((heard) => heard.length === 200))
    expect([seen, gaps]).toEqual([[numbers(1, 200), numbers(1, 200)], []])
  },
)

/** The subscriptions of a client. Its record of events continues over several sessions. */
function follower(environment: SessionEnvironment) {
  const seen: (number | 'gap')[] = []
  let position: LogPosition | undefined
  const connect = async (server: Server, until: <T>(promise: Promise<T>) => Promise<T>) => {
    const { a, b } = createMemoryPair('advance' in environment ? { clock: environment as never } : {})
    server.accept(b)
    const session = createSession({
      role: 'client',
      environment,
      contracts: [],
      handlers: {
        opened: () => undefined,
        call: (call) => call.end(),
        event: ({ body, position: at }) => {
          position = at
          seen.push((body as { readonly value: number }).value)
        },
        eventGap: ({ position: at }) => {
          position = at
          seen.push('gap')
        },
        goaway: () => undefined,
        closed: () => undefined,
      },
    })
    session.attach(attachFrames(a))
    await until(
      new Promise<void>((resolve, reject) => {
        const change = { kind: 'subscribe', event: 'chat@1/line', topic: '"lobby"', position } as const
        session.changeSubscription(change, (error, begin) => {
          position ??= begin
          if (error === undefined) resolve()
          else reject(error)
        })
      }),
    )
    return { cut: () => session.abort({ code: 'ABORTED', message: 'the test cuts it' }) }
  }
  return { seen, connect }
}

const serverOf = (log: EventLog, environment?: SessionEnvironment) =>
  createServer(implementation, {
    authorizeSubscribe: () => true,
    eventLogs: [{ log, events: [line] }],
    log: false,
    ...(environment === undefined ? {} : { environment }),
  })

describe('A client that repeatedly loses its session', () => {
  it.each([1, 2, 3])(
    'receives each event once and in order, while events are published (seed %i)',
    async (seed) => {
      const clock = createVirtualClock({ seed })
      const server = serverOf(memoryEventLog(), clock)
      const client = follower(clock)
      const until = <T>(promise: Promise<T>) => clock.until(promise)
      let published = 0
      const publish = () => void server.publish(line, 'lobby', ++published)
      let { cut } = await client.connect(server, until)
      for (let round = 0; round < 60; round++) {
        for (let count = Math.floor(clock.random() * 300); count > 0; count--) publish()
        // Some events are being sent, and some are being read from the log.
        await clock.advance(clock.random() * 2)
        if (clock.random() < 0.5) continue
        cut()
        for (let count = Math.floor(clock.random() * 100); count > 0; count--) publish()
        ;({ cut } = await client.connect(server, until))
      }
      await clock.advance(1_000)
      expect(client.seen).toEqual(numbers(1, published))
      cut()
      await clock.until(server.close({ graceMs: 0 }))
    },
  )
})

const execArgv = [...typescriptArguments]

/** A log in its own process, and a way to end that process. */
async function logProcess(): Promise<{ readonly log: EventLog; readonly child: ChildProcess }> {
  const child = fork(fileURLToPath(new URL('children/event-log.ts', import.meta.url)), [], {
    execArgv,
    serialization: 'advanced',
  })
  onTestFinished(() => void child.kill())
  await once(child, 'message')
  const waiting = new Map<number, (answer: never) => void>()
  let lastId = 0
  child.on('message', ({ id, answer }: { readonly id: number; readonly answer: never }) => {
    waiting.get(id)?.(answer)
    waiting.delete(id)
  })
  const ask = <Answer>(question: Pick<Asked, never>) =>
    new Promise<Answer>((resolve) => {
      const id = ++lastId
      waiting.set(id, resolve)
      child.send({ id, ...question })
    })
  const log: EventLog = {
    append: (append) => ask({ append } as object),
    after: (after) => ask({ after } as object),
  }
  return { log, child }
}

const realEnvironment: SessionEnvironment = {
  nowMs: () => performance.now(),
  random: Math.random,
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

describe('Two servers that share a log in another process', () => {
  it('continue for each other without a gap, and send a gap after the log was lost', {
    timeout: 60_000,
  }, async () => {
    const first = await logProcess()
    let log = first.log
    const shared: EventLog = { append: (entry) => log.append(entry), after: (query) => log.after(query) }
    const servers = [serverOf(shared), serverOf(shared)] as const
    const client = follower(realEnvironment)
    const until = <T>(promise: Promise<T>) => promise
    let published = 0
    const publish = (server: Server, count: number) =>
      Promise.all(Array.from({ length: count }, () => server.publish(line, 'lobby', ++published)))
    const seen = async (count: number) => {
      const giveUpAtMs = performance.now() + 20_000
      while (client.seen.length < count && performance.now() < giveUpAtMs)
        await new Promise((resolve) => setImmediate(resolve))
    }

    const one = await client.connect(servers[0], until)
    await publish(servers[0], 100)
    await seen(100)
    one.cut()
    await publish(servers[0], 100)
    const live = publish(servers[1], 100)
    const two = await client.connect(servers[1], until)
    await publish(servers[1], 100)
    await live
    await seen(400)
    expect(client.seen).toEqual(numbers(1, 400))

    two.cut()
    first.child.kill()
    log = (await logProcess()).log
    await publish(servers[0], 10)
    const three = await client.connect(servers[0], until)
    await publish(servers[0], 10)
    await seen(411)
    expect(client.seen.slice(400)).toEqual(['gap', ...numbers(411, 420)])
    three.cut()
    await Promise.all(servers.map((server) => server.close({ graceMs: 0 })))
  })
})
