import { contract, event, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const Slow = z.string().refine(() => new Promise<boolean>(() => undefined))
const board = contract('board', {
  version: 1,
  procedures: {
    follow: procedure({}),
    who: procedure({ output: z.unknown() }),
    remaining: procedure({ output: z.number().optional() }),
  },
  events: { news: event(z.string()), slow: event(Slow), other: event(z.string()) },
})
const implementation = implement(board).handlers({
  follow: ({ connection }) => {
    for (const name of ['news', 'slow', 'other'] as const) connection.subscribe(board.events[name])
  },
  who: ({ context }) => context,
  remaining: ({ remainingMs }) => remainingMs(),
})

function watchConsole() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  return () => warn.mock.calls.map(([text]) => String(text))
}

describe('An option of a client', () => {
  it('such as metadata is part of the hello, which has none without it', async () => {
    const hellos: unknown[] = []
    const server = {
      context: ({ hello }: { hello: { metadata: unknown; auth: unknown } }) => {
        hellos.push([hello.metadata, hello.auth])
        return {}
      },
    }
    for (const client of [{ metadata: { hint: 'x' }, auth: 'token' }, {}, { auth: Uint8Array.of(1, 2) }]) {
      const { client: connected, run, close } = await startedPair(board, implementation, { server, client })
      await run(connected.$connection.opened())
      await close()
    }
    expect(hellos).toEqual([
      [{ hint: 'x' }, 'token'],
      [{}, undefined],
      [{}, Uint8Array.of(1, 2)],
    ])
  })

  it('such as defaultDeadlineMs is the deadline of calls without one', async () => {
    const pair = await startedPair(board, implementation, { client: { defaultDeadlineMs: 900 } })
    const { client, run, close } = pair
    await run(client.$connection.opened())
    const remaining = [
      await run(client.remaining()),
      await run(client.remaining({ deadlineMs: 50 })),
      await run(client.remaining({ deadlineMs: undefined })),
    ]
    expect(remaining.map((ms) => Math.ceil((ms ?? 0) / 100) * 100)).toEqual([900, 100, 900])
    await close()
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'such as defaultDeadlineMs is refused with %d',
    async (defaultDeadlineMs) => {
      await expect(
        startedPair(board, implementation, { client: { defaultDeadlineMs } }),
      ).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('defaultDeadlineMs'),
      })
    },
  )
})

describe('A client without hooks', () => {
  it('warns on the console, once, about events that never arrive', async () => {
    const warnings = watchConsole()
    const { client, run, clock, close } = await startedPair(board, implementation, {
      client: { limits: { silentListenerMs: 500 } },
    })
    client.$on('news', () => undefined)
    client.$on('other', () => undefined)
    await run(client.$connection.opened())
    await clock.advance(499)
    expect(warnings()).toEqual([])
    await clock.advance(2_000)
    expect(warnings()).toEqual([
      expect.stringMatching(/^frameport: this client listens to board\/news .*onSilentListener/),
    ])
    await close()
  })

  it.each(['calls', 'hears', 'ends'] as const)(
    'does not warn on the console if it %s in time',
    async (what) => {
      const warnings = watchConsole()
      const onConnection = ({
        connection,
      }: {
        connection: { emit(event: unknown, payload: string): void }
      }) => {
        if (what === 'hears') connection.emit(board.events.news, 'hello')
      }
      const { client, run, clock, close } = await startedPair(board, implementation, {
        server: { onConnection: onConnection as never },
        client: { limits: { silentListenerMs: 500 } },
      })
      client.$on('news', () => undefined)
      await run(client.$connection.opened())
      if (what === 'calls') await run(client.follow())
      if (what === 'ends') await run(client.$close())
      expect(clock.timers.filter(({ dueAtMs }) => dueAtMs === 500)).toEqual([])
      await clock.advance(2_000)
      expect(warnings()).toEqual([])
      await close()
    },
  )

  it('warns on the console, once, with the number and topic of the events that were left out for it', async () => {
    const warnings = watchConsole()
    const { client, run, server, close } = await startedPair(board, implementation, {
      client: { limits: { bodyBytesMax: 100 } },
    })
    client.$on('news', () => undefined)
    client.$on('other', () => undefined)
    await run(client.follow())
    for (const text of ['x', 'y'.repeat(200), 'z'.repeat(200)]) server.publish(board.events.news, text)
    await run(client.follow())
    expect(warnings()).toEqual([
      expect.stringMatching(/^frameport: the server left out 1 events of board\/news for .*onEventGap/),
    ])
    await close()
  })
})

describe('Events that wait for an asynchronous validator', () => {
  it('end the connection if they exceed eventsQueuedMax', async () => {
    const { client, run, server, close } = await startedPair(board, implementation, {
      server: { validateOutputs: false },
      client: { limits: { eventsQueuedMax: 2 } },
    })
    client.$on('slow', () => undefined)
    await run(client.follow())
    for (const text of ['a', 'b']) server.publish(board.events.slow, text)
    await run(client.follow())
    expect(client.$connection.state).toBe('open')
    server.publish(board.events.slow, 'c')
    expect(await run(client.$connection.closed())).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('as many as eventsQueuedMax allows'),
    })
    await close()
  })
})
