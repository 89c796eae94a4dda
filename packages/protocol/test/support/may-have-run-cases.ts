import { expect } from 'vitest'
import { RpcError } from '../../src/rpc-error.ts'
import type { ReplacedOptions, ReplacedSessions } from './replaced-sessions.ts'
import { value } from './sessions.ts'

/** The procedure `get` may run twice, and `put` may not. */
export type Name = 'get' | 'put'

export interface Case {
  readonly options?: ReplacedOptions
  /** Default: a call of the procedure with a deadline of one second. */
  readonly start?: (world: ReplacedSessions, name: Name, signal: AbortSignal) => Promise<unknown>
  /** @param replaced whether another session replaces the one that ends */
  readonly happens?: (world: ReplacedSessions, replaced: boolean, controller: AbortController) => unknown
  /** Whether the call fails before anything happens to it. */
  readonly isAtOnce?: boolean
  /** Whether the call has not reached the server when the event happens. */
  readonly isOnItsWay?: boolean
  /** Whether the call is made before the handshake. */
  readonly opensLater?: boolean
}

const noSlots: ReplacedOptions = { server: { limits: { callsInFlightMax: 0 } } }
const resuming = { resumeBytes: 65_536, resumeWindowMs: 500 }
const resumes: ReplacedOptions = { client: { limits: resuming }, server: { limits: resuming } }
export const startCall = ({ client }: ReplacedSessions, name: Name, signal: AbortSignal) =>
  client[name](7, { deadlineMs: 1_000, signal })

function cut(world: ReplacedSessions, replaced: boolean): void {
  const { stream } = world.clients.at(-1)!
  if (replaced) world.connect({})
  stream.abort()
}

function refuse(world: ReplacedSessions, replaced: boolean): void {
  const { session } = world.server
  if (replaced) world.connect({})
  void session.close()
}

const pastDeadline = ({ time }: ReplacedSessions) => time.advance(1_000)
const aborted = (_: unknown, __: unknown, controller: AbortController) => controller.abort()

export const cases: Readonly<Record<string, Case | readonly Case[]>> = {
  'an option, the input or the upload cannot be sent': [
    { isAtOnce: true, start: ({ client }, name) => client[name](7, { deadlineMs: 'soon' } as never) },
    { isAtOnce: true, start: ({ client }, name) => client[name](1n as never) },
    { isAtOnce: true, start: ({ client }) => client.send(5) },
  ],
  'an interceptor failed before it passed the call on': {
    isAtOnce: true,
    options: { interceptors: [() => Promise.reject(new Error('broken'))] },
  },
  'an interceptor failed and had passed the call on': {
    options: {
      interceptors: [
        async (call, next) => {
          await next(call)
          throw new Error('broken')
        },
      ],
    },
    happens: ({ call }) => call.respond(value(1)),
  },
  'more calls wait in line than `callsQueuedMax`': {
    isAtOnce: true,
    options: { ...noSlots, client: { limits: { callsQueuedMax: 1 } } },
    start: (world, name, signal) => {
      startCall(world, name, signal).catch(() => undefined)
      return startCall(world, name, signal)
    },
  },
  'it waited in line, and its deadline has passed': { options: noSlots, happens: pastDeadline },
  'it waited in line, and its signal was aborted': { options: noSlots, happens: aborted },
  'it waited in line, and the server refused the connection': each(
    ['PERMISSION_DENIED', 'NO_SUCH_KEY'],
    (code) => ({
      happens: async (world, replaced) => {
        const { recorder } = world.servers[0]!
        recorder.onHello = () => Promise.reject(new RpcError(code, 'go away'))
        if (replaced) world.connect({})
        await world.time.settle()
      },
      opensLater: true,
    }),
  ),
  'it waited in line, and its session has ended: the window of a session that resumes is over, the client gave up to connect again':
    [
      { options: noSlots, happens: cut },
      {
        options: { client: resumes.client!, server: { limits: { ...resuming, callsInFlightMax: 0 } } },
        happens: windowOver,
      },
      {
        options: noSlots,
        happens: (world, replaced) => {
          const { session } = world
          if (replaced) world.connect({})
          session.abort({ code: 'CONNECTION_LOST', message: 'the client gave up to connect again' })
        },
      },
    ],
  'it waited in line, and `$close()` was called': {
    options: noSlots,
    happens: (world) => closeClient(world, 1_000),
  },
  'it was sent, and its deadline has passed': { happens: pastDeadline },
  'it was sent, and its signal was aborted': { happens: aborted },
  'it was on its way, and the server closed and did not take it': { isOnItsWay: true, happens: refuse },
  'it was sent, and the server closed and its grace was over before the answer': {
    happens: (world, replaced) => {
      const { session } = world.server
      if (replaced) world.connect({})
      void session.close({ graceMs: 0 })
      return world.time.advance(1)
    },
  },
  'it was sent, and the connection was cut': { happens: cut },
  'it was sent, and the server has forgotten the session': {
    happens: (world, replaced) => {
      const { session } = world
      if (replaced) world.connect({})
      session.abort({ code: 'REPLACED', message: 'the server does not know the session any more' })
    },
  },
  'it was sent, and the window of a session that resumes is over': { options: resumes, happens: windowOver },
  'it was sent, and `$close()` was called and its grace is over': {
    happens: (world) => closeClient(world, 0),
  },
  'the server refused it before a handler began': each(
    ['RESOURCE_EXHAUSTED', 'INVALID_ARGUMENT', 'UNIMPLEMENTED'],
    (code) => ({ happens: ({ call }) => call.refuse(new RpcError(code, 'refused')) }),
  ),
  'its handler failed with a code of the contract, or a standard one': each(
    ['GONE', 'UNAVAILABLE'],
    (code) => ({
      start: ({ client }) => client.get(7),
      happens: (world, replaced) => {
        const { call } = world
        if (replaced) world.connect({})
        call.fail(new RpcError(code, 'it is gone'))
      },
    }),
  ),
  'its handler broke, or gave what cannot be sent': { happens: ({ call }) => call.respond(value(1n)) },
  "its answer does not fit this client's contract": { happens: ({ call }) => call.respond(value('eight')) },
  'its answer is longer than this client takes': {
    options: { client: { limits: { bodyBytesMax: 1_000 } } },
    happens: ({ call }) => call.respond(value('x'.repeat(2_000))),
  },
  'it was made again, and waits in line when its deadline passes': {
    start: ({ client }) => client.get(7, { deadlineMs: 1_000 }),
    happens: async (world) => {
      await world.replace({ limits: { callsInFlightMax: 0 } })
      await world.time.advance(1_000)
    },
  },
  'a call without an answer, which waited in line when its session ended': {
    opensLater: true,
    start: ({ client }) => client.note(7),
    happens: cut,
  },
  'a call without an answer that was handed to the connection': {
    start: ({ client }) => client.note(7),
    happens: cut,
  },
  'an upload that was not read, whose call was not executed': {
    options: noSlots,
    start: ({ client }) => client.send([1, 2].values()),
    happens: cut,
  },
  'an upload from an iterator that was read, whose call was not executed': {
    isOnItsWay: true,
    start: ({ client }) => client.send([1, 2].values()),
    happens: refuse,
  },
  'a stream that was not executed': {
    isOnItsWay: true,
    start: ({ client }) => client.watch({ after: 0 }).next(),
    happens: refuse,
  },
  'a stream that gave an item, or said that it has begun, and whose session was replaced': [
    ...each(['watch', 'follow'], (name) => ({
      start: async ({ client }) => {
        const stream = client[name]({ after: 0 })
        await stream.next()
        return stream.next()
      },
      happens: async (world, replaced) => {
        world.call.sendItem(value({ id: 1, text: '' }))
        await world.time.settle()
        cut(world, replaced)
      },
    })),
    ...each(['watch', 'follow'], (name) => ({
      start: async ({ client }) => {
        const stream = client[name]({ after: 0 })
        await stream.started()
        return stream.next()
      },
      happens: async (world, replaced) => {
        world.call.handlerStarted()
        await world.time.settle()
        cut(world, replaced)
      },
    })),
  ],
  'its `resumeFrom` threw': {
    start: async ({ client }) => {
      const stream = client.brokenFollow({ after: 0 })
      await stream.next()
      return stream.next()
    },
    happens: async (world) => {
      world.call.sendItem(value({ id: 1, text: '' }))
      await world.time.settle()
      await world.replace({})
    },
  },
}

function each<const Value>(values: readonly Value[], make: (value: Value) => Case): readonly Case[] {
  return values.map(make)
}

async function windowOver(world: ReplacedSessions, replaced: boolean): Promise<void> {
  const { session, stream } = world.clients.at(-1)!
  stream.abort()
  await world.time.settle()
  expect(session.state).toBe('detached')
  if (replaced) world.connect({})
  await world.time.advance(500)
}

async function closeClient(world: ReplacedSessions, graceMs: number): Promise<void> {
  world.again.close()
  void world.session.close({ graceMs, closedBy: 'this client was closed by $close()' })
  await world.time.advance(1)
}
