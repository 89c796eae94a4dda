import { contract, procedure } from '@frameport/protocol'
import { createSession } from '@frameport/protocol/session'
import { implement, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { failureOf, join, type Opened, opened } from '../support/joined.ts'
import { pipe } from '../support/pipe.ts'
import { elsewhere, home, joinReturning, type Returning } from '../support/returning.ts'

const desk = contract('desk', { version: 1, procedures: { wait: procedure({}) } })

const openDesk = (options: Partial<ServerOptions<never>> = {}) =>
  opened(implement(desk).handlers({ wait: () => new Promise(() => undefined) }), options)

const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Array.from({ length: count }).reduce<Promise<T[]>>(
    async (made) => [...(await made), await make()],
    Promise.resolve([]),
  )

const states = (clients: readonly Returning[]) => clients.map(({ connection }) => connection.state)

describe.each([
  ['connectionsMax', 'CONNECTIONS_MAX', 'limit connectionsMax'],
  ['connectionsPerShareMax', 'CONNECTIONS_PER_SHARE_MAX', 'limit connectionsPerShareMax'],
])('A server with as many connections as %s allows', (limit, code, text) => {
  const full = async (): Promise<{ stage: Opened; client: Returning }> => {
    const stage = openDesk({ limits: { [limit]: 1 } })
    return { stage, client: await joinReturning(stage) }
  }

  it('lets a client resume whose old connection still looks alive', async () => {
    const { client } = await full()
    await client.vanish()
    await client.comeBack()
    expect([client.resumes, client.connection.state]).toEqual([1, 'open'])
  })

  it('refuses another client that arrives in its place, and keeps the session', async () => {
    const { stage, client } = await full()
    await client.vanish()
    const stranger = await join(stage, { remoteEndpoint: home })
    await expect(stranger.closed).resolves.toBe('HELLO_REFUSED')
    const failure = await failureOf(stranger.call('desk@1/wait'))
    expect(failure).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining(text),
      retryAfterMs: 1_000,
    })
    expect(stage.lines.at(-1)).toMatchObject({ level: 'warn', text: expect.stringContaining(text) })
    expect(client.connection.state).toBe('open')
    await client.comeBack()
    expect(client.resumes).toBe(1)
  })

  it('accepts no more new connections than there are sessions to resume', async () => {
    const { stage, client } = await full()
    await client.vanish()
    const silent = () => stage.server.accept({ ...pipeThatSaysNothing }, { remoteEndpoint: home })
    expect(silent().state).toBe('opening')
    expect(silent).toThrow(expect.objectContaining({ code }))
  })

  it('gives the place of a detached client to another one, and still lets the detached client resume', async () => {
    const { stage, client } = await full()
    await client.cut()
    const other = await join(stage, { remoteEndpoint: home })
    expect(other.connection.state).toBe('open')
    await client.comeBack()
    expect([client.resumes, client.connection.state, other.connection.state]).toEqual([1, 'open', 'open'])
    await stage.until(other.session.close())
    await client.cut()
    await client.comeBack()
    expect(client.resumes).toBe(2)
  })

  it('accepts another client if a connection has closed before the hello arrives', async () => {
    const { stage, client } = await full()
    const [ours, theirs] = pipe()
    const arrived = stage.server.accept(ours, { remoteEndpoint: home })
    await stage.until(client.session.close())
    await stage.until(client.connection.closed())
    const session = createSession({
      role: 'client',
      environment: stage.clock,
      contracts: [],
      handlers: { opened() {}, call() {}, event() {}, goaway() {}, closed() {} },
    })
    session.attach(theirs)
    await stage.settle()
    expect(arrived.state).toBe('open')
    expect(() => stage.server.accept({ ...pipeThatSaysNothing }, { remoteEndpoint: home })).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('accepts no connection if no session could be resumed', async () => {
    const stage = openDesk({ limits: { [limit]: 1 } })
    await join(stage, { remoteEndpoint: home })
    expect(() => stage.server.accept({ ...pipeThatSaysNothing }, { remoteEndpoint: home })).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

const pipeThatSaysNothing = {
  frameOverheadBytes: 0,
  queuedBytes: 0,
  receiveBytesMax: 0,
  sendBytesMax: 0,
  start() {},
  send: () => 'sent' as const,
  drained: () => Promise.resolve(),
  pause() {},
  resume() {},
  end() {},
  abort() {},
}

describe.each(['detachedMax', 'detachedPerShareMax'])('%s', (limit) => {
  it.each([
    ['at it', 3, 0],
    ['one over', 4, 1],
    ['far over', 30, 27],
  ])('%s: of %d detached sessions, the %d that have waited longest end', async (_, count, ended) => {
    const disconnects: unknown[] = []
    const stage = openDesk({
      limits: { [limit]: 3 },
      onDisconnect: ({ reason }: { reason: unknown }) => void disconnects.push(reason),
    } as never)
    const clients = await times(count, () => joinReturning(stage))
    for (const client of clients) await client.cut()
    expect(states(clients)).toEqual(clients.map((_, index) => (index < ended ? 'closed' : 'detached')))
    expect(stage.server.stats()).toMatchObject({ connections: 3, connectionsDetached: 3 })
    expect(disconnects).toEqual(
      Array.from({ length: ended }, () => ({
        code: 'LIMIT_EXCEEDED',
        message: expect.stringContaining(`more sessions wait for their clients than ${limit} 3`),
        closedBy: 'local',
      })),
    )
    for (const client of clients.slice(ended)) await client.comeBack()
    expect(new Set(states(clients.slice(ended)))).toEqual(new Set(['open']))
  })

  it('does not count a client that has resumed with another connection', async () => {
    const stage = openDesk({ limits: { [limit]: 1 } })
    const [waiting, other] = await times(2, () => joinReturning(stage))
    await waiting?.cut()
    await other?.vanish()
    await other?.comeBack()
    expect(states([waiting, other] as Returning[])).toEqual(['detached', 'open'])
  })
})

it('detached sessions of one share do not use the limit of another share', async () => {
  const stage = openDesk({ limits: { detachedPerShareMax: 1 } })
  const clients = [await joinReturning(stage), await joinReturning(stage, { remoteEndpoint: elsewhere })]
  for (const client of clients) await client.cut()
  expect(states(clients)).toEqual(['detached', 'detached'])
})

it('a client that resumes from another address belongs to the share of its new connection', async () => {
  const stage = openDesk({ limits: { connectionsPerShareMax: 1, handlersPerShareMax: 1 } })
  const client = await joinReturning(stage)
  void client.call('desk@1/wait').catch(() => undefined)
  await client.vanish()
  await client.comeBack(elsewhere)
  const third = 'tcp://203.0.113.9:1'
  // The running handler counts in the share where it started, until it stops.
  const atHome = await join(stage, { remoteEndpoint: home })
  expect((await failureOf(atHome.call('desk@1/wait'))).code).toBe('RESOURCE_EXHAUSTED')
  void client.call('desk@1/wait').catch(() => undefined)
  await stage.settle()
  expect(stage.server.stats().handlersInFlight).toBe(2)
  expect((await failureOf(client.call('desk@1/wait'))).code).toBe('RESOURCE_EXHAUSTED')
  const there = await join(stage, { remoteEndpoint: elsewhere })
  await expect(there.closed).resolves.toBe('HELLO_REFUSED')
  expect((await join(stage, { remoteEndpoint: third })).connection.state).toBe('open')
})
