import { contract, procedure } from '@frameport/protocol'
import { implement, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf, opened } from '../support/joined.ts'
import { pipe } from '../support/pipe.ts'
import { elsewhere, home, joinReturning } from '../support/returning.ts'

const desk = contract('desk', { version: 1, procedures: { wait: procedure({ output: z.string() }) } })

/** A server whose `wait` answers when the test says so, and the hooks that were called, in order. */
function openDesk(options: Partial<ServerOptions<never>> = {}) {
  const told: unknown[] = []
  const answers: ((text: string) => void)[] = []
  const tell =
    (hook: string) =>
    ({ connection, context, ...more }: { connection: { id: string }; context: unknown; reason?: unknown }) =>
      void told.push([
        hook,
        connection.id,
        context,
        ...(more.reason === undefined ? [] : [(more.reason as { code: string }).code]),
      ])
  let contexts = 0
  const stage = opened(
    implement(desk).handlers({ wait: () => new Promise<string>((resolve) => answers.push(resolve)) }),
    {
      context: () => ({ number: ++contexts }),
      onConnection: tell('connection'),
      onDetached: tell('detached'),
      onResumed: tell('resumed'),
      onDisconnect: tell('disconnect'),
      onContextDropped: tell('dropped'),
      ...options,
    } as never,
  )
  return { ...stage, told, answers }
}

describe('A client that has lost its connection and resumes', () => {
  it('receives the answer of a call that ran once, over its new connection', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage)
    const answer = client.call('desk@1/wait')
    await stage.settle()
    await client.cut()
    expect(client.connection.state).toBe('detached')
    stage.answers[0]?.('here')
    await client.comeBack(elsewhere)
    await expect(answer).resolves.toBe('here')
    expect([stage.answers.length, client.resumes, client.connection.state]).toEqual([1, 1, 'open'])
  })

  it('keeps the same connection object and context, and the hooks report each step', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage)
    await client.cut()
    const arrived = await client.comeBack(elsewhere)
    expect([...stage.server.connections]).toEqual([client.connection])
    expect(client.connection).toMatchObject({ id: 'c1', remoteEndpoint: elsewhere, context: { number: 1 } })
    expect([arrived.id, arrived.state, (await arrived.closed()).code]).toEqual(['c2', 'closed', 'CLOSED'])
    await stage.until(client.session.close())
    await stage.until(client.connection.closed())
    const context = { number: 1 }
    expect(stage.told).toEqual([
      ['connection', 'c1', context],
      ['detached', 'c1', context, 'CONNECTION_LOST'],
      ['resumed', 'c1', context],
      ['dropped', 'c1', { number: 2 }],
      ['disconnect', 'c1', context, 'CLOSED'],
    ])
  })

  it('can do so repeatedly', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage)
    for (let times = 1; times <= 5; times++) {
      const answer = client.call('desk@1/wait')
      await client.cut()
      await client.comeBack(times % 2 === 0 ? home : elsewhere)
      await stage.settle()
      stage.answers.shift()?.(`answer ${times}`)
      await expect(answer).resolves.toBe(`answer ${times}`)
      expect(client.resumes).toBe(times)
    }
    expect(stage.server.stats()).toMatchObject({ connections: 1, connectionsDetached: 0 })
  })

  it('takes over its session while its old connection still looks alive', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage)
    await client.vanish()
    expect(client.connection.state).toBe('open')
    await client.comeBack(elsewhere)
    expect([client.resumes, client.connection.state]).toEqual([1, 'open'])
    const context = { number: 1 }
    expect(stage.told).toEqual([
      ['connection', 'c1', context],
      ['detached', 'c1', context, 'CONNECTION_LOST'],
      ['resumed', 'c1', context],
      ['dropped', 'c1', { number: 2 }],
    ])
  })

  it('causes pairs of hooks, even if the next connection fails at the first bytes', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage)
    await client.cut()
    const [ours, theirs] = pipe()
    const start = ours.start.bind(ours)
    ours.start = (sink) => {
      start(sink)
      ours.send = () => {
        sink.close?.(new Error('EPIPE'))
        return 'closed'
      }
    }
    stage.server.accept(ours, { remoteEndpoint: elsewhere })
    client.session.attach(theirs)
    await stage.settle()
    theirs.vanish()
    await stage.settle()
    expect(client.connection.state).toBe('detached')
    expect(stage.server.stats()).toMatchObject({ connections: 1, connectionsDetached: 1 })
    await client.comeBack()
    const hooks = stage.told.map((told) => (told as string[])[0])
    expect(hooks.filter((hook) => hook !== 'dropped')).toEqual([
      'connection',
      'detached',
      'resumed',
      'detached',
      'resumed',
    ])
  })

  it('is disconnected if it does not resume within resumeWindowMs', async () => {
    const stage = openDesk({ limits: { resumeWindowMs: 7_000 } })
    const client = await joinReturning(stage)
    await client.cut()
    stage.clock.advance(6_999)
    expect(stage.server.stats()).toMatchObject({ connections: 1, connectionsDetached: 1 })
    stage.clock.advance(1)
    await expect(client.connection.closed()).resolves.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(stage.server.stats()).toMatchObject({ connections: 0, connectionsDetached: 0 })
    expect(stage.told.at(-1)).toEqual(['disconnect', 'c1', { number: 1 }, 'CONNECTION_LOST'])
  })

  it('does not delay the close of the server', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage)
    await client.cut()
    await stage.server.close({ graceMs: 60_000 })
    expect([client.connection.state, stage.server.connections.size]).toEqual(['closed', 0])
    expect(stage.told.at(-1)).toEqual(['disconnect', 'c1', { number: 1 }, 'CLOSED'])
    client.session.abort({ code: 'ABORTED', message: 'the test is over' })
    await stage.settle()
    expect(stage.clock.timers).toEqual([])
  })

  it('is disconnected immediately if its connection is closed while it is detached', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage)
    await client.cut()
    await client.connection.close()
    expect([client.connection.state, stage.server.connections.size]).toEqual(['closed', 0])
    await client.comeBack()
    expect(client.forgotten).toHaveLength(1)
  })

  it('cannot resume after it has closed its session', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage)
    await stage.until(client.session.close())
    await expect(client.connection.closed()).resolves.toMatchObject({ code: 'CLOSED' })
    expect(stage.told.map((told) => (told as string[])[0])).toEqual(['connection', 'disconnect'])
  })
})

describe('Hooks that fail', () => {
  it.each(['onDetached', 'onResumed', 'onContextDropped'])(
    '%s: the error is logged, and nothing else happens',
    async (hook) => {
      const throws = () => {
        throw new Error('boom')
      }
      const stage = openDesk({ [hook]: throws })
      const client = await joinReturning(stage)
      await client.cut()
      await client.comeBack()
      expect(client.connection.state).toBe('open')
      expect(stage.lines.filter(({ level }) => level === 'error')).toMatchObject([
        { facts: { connection: 'c1', err: { message: 'boom' } }, text: `${hook} failed` },
      ])
    },
  )

  it('onDetached can end the session, which then does not wait for its client', async () => {
    const stage = openDesk({
      onDetached: ({ connection }: { connection: { close(): unknown } }) => void connection.close(),
    } as never)
    const client = await joinReturning(stage)
    await client.cut()
    expect([client.connection.state, stage.server.connections.size]).toEqual(['closed', 0])
  })
})

describe('Sessions can be resumed', () => {
  it.each<[boolean | undefined, string, boolean]>([
    [undefined, 'tcp://192.0.2.1:1', true],
    [undefined, 'tls://192.0.2.1:1', true],
    [undefined, 'ws://192.0.2.1/', true],
    [undefined, 'memory:', false],
    [undefined, 'unix:/run/desk.sock', false],
    [undefined, 'UNIX:/run/desk.sock', false],
    [undefined, 'pipe:desk', false],
    [true, 'memory:', true],
    [true, 'unix:/run/desk.sock', true],
    [false, 'tcp://192.0.2.1:1', false],
  ])('with resume %s, for a client at %s: %s', async (resume, remoteEndpoint, goesOn) => {
    const stage = openDesk({ resume })
    const client = await joinReturning(stage, { remoteEndpoint })
    await client.cut()
    expect(client.connection.state).toBe(goesOn ? 'detached' : 'closed')
  })

  it('but not if limits.resumeBytes is 0, which resume: true does not allow', async () => {
    const stage = openDesk({ limits: { resumeBytes: 0 } })
    const client = await joinReturning(stage)
    await client.cut()
    expect(client.connection.state).toBe('closed')
    expect(() => openDesk({ resume: true, limits: { resumeBytes: 0 } })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('resumeBytes') }),
    )
  })

  it('but not for a client that does not ask for it', async () => {
    const stage = openDesk()
    const client = await joinReturning(stage, { limits: { resumeBytes: 0 } })
    await client.cut()
    expect(client.connection.state).toBe('closed')
  })
})

describe('The identity of a client', () => {
  it.each([
    ['equal credentials', {}, { kind: 'value', value: { user: 'ada', key: 1 } }, true],
    ['equal bytes', {}, { kind: 'raw', bytes: Uint8Array.of(1, 2) }, true],
    ['no credentials, and no context', { context: undefined }, { kind: 'none' }, true],
  ] as const)('is determined by %s', async (_what, options, auth, goesOn) => {
    const stage = openDesk(options as never)
    const client = await joinReturning(stage, { auth })
    await client.cut()
    await client.comeBack()
    expect(client.resumes === 1).toBe(goesOn)
  })

  it('is not proved by the secret of its session alone, and the session still waits for its owner', async () => {
    const auth = { kind: 'value' as const, value: { user: 'ada' } }
    const stage = openDesk()
    const client = await joinReturning(stage, { auth })
    await client.cut()
    auth.value.user = 'eve'
    await client.comeBack()
    expect([client.resumes, client.forgotten.length, client.connection.state]).toEqual([0, 1, 'detached'])
  })

  it('depends on the credentials that context received, even if context changes them', async () => {
    const stage = openDesk({
      context: ({ hello }: { hello: { auth: { key?: string } } }) => {
        delete hello.auth.key
        return {}
      },
    } as never)
    const auth = { kind: 'value' as const, value: { key: 'of ada' } }
    const client = await joinReturning(stage, { auth })
    await client.cut()
    auth.value.key = 'of eve'
    await client.comeBack()
    expect(client.resumes).toBe(0)
  })

  it('is the result of the option principal, whatever the credentials are', async () => {
    const asked: unknown[] = []
    const stage = openDesk({
      context: ({ hello }: { hello: { auth: { user: string } } }) => ({ user: hello.auth.user }),
      principal: ({ context, hello }: { context: { user: string }; hello: { auth: unknown } }) => {
        asked.push({ ...(hello.auth as object) })
        return context.user
      },
    } as never)
    const auth = { kind: 'value' as const, value: { user: 'ada', token: 1 } }
    const client = await joinReturning(stage, { auth })
    await client.cut()
    auth.value.token = 2
    await client.comeBack()
    expect(client.resumes).toBe(1)
    expect(asked).toEqual([
      { user: 'ada', token: 1 },
      { user: 'ada', token: 2 },
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such user')
      },
      'principal threw',
    ],
    ['returns a promise', () => Promise.resolve('ada'), 'principal returned'],
    ['returns a number', () => 7, 'principal returned 7'],
  ])(
    'is unknown if principal %s: the server refuses the client, and logs the reason',
    async (_what, principal, text) => {
      const stage = openDesk({ principal: principal as never })
      const client = await joinReturning(stage)
      await expect(client.closed).resolves.toBe('HELLO_REFUSED')
      expect(stage.lines.filter(({ level }) => level === 'error')).toMatchObject([
        {
          facts: { err: { code: 'PRINCIPAL_FAILED', message: expect.stringContaining(text) } },
          text: 'the principal of a client could not be found',
        },
      ])
      const failure = await failureOf(client.call('desk@1/wait'))
      expect(failure.message).not.toContain('user')
    },
  )
})
