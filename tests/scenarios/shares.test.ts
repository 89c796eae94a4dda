import { connect, type Socket } from 'node:net'
import { safe } from '@frameport/client'
import { type Envelope, envelopeKinds } from '@frameport/protocol/envelope'
import { createServer, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { hello, noBody } from '../support/envelopes.ts'
import { lab } from './lab-contract.ts'
import { createLab, type LabContext } from './lab-handlers.ts'
import { recordingLog, setStage } from './setup.ts'
import { framesOf, type RawPeer } from './worlds/raw-peer.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'
import { realTime } from './worlds/world.ts'
import { worlds } from './worlds/worlds.ts'

const everybody = () => 'everybody'

function stage(options: Partial<ServerOptions<LabContext>>) {
  const world = memoryWorld()
  return { ...setStage(world, { shareKey: everybody, ...options }), world }
}

describe('The handlers of a share', () => {
  it('are limited to handlersPerShareMax over all its connections, and a further call is refused with a time to retry', async () => {
    const { world, server, record } = stage({ limits: { handlersPerShareMax: 3 } })
    const [one, other] = [await world.connect(server, lab), await world.connect(server, lab)]
    const running = [one.wait({ text: 'a' }), one.wait({ text: 'b' }), other.wait({ text: 'c' })]
    await world.eventually('three run', () => record.started === 3)
    for (let index = 0; index < 20; index++) {
      const { error } = await world.run(safe(other.echo({ text: 'd' })))
      expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_000, maybeExecuted: false })
      expect(error?.message).toContain('handlersPerShareMax')
    }
    record.release.get('a')?.()
    await world.run(running[0] as Promise<unknown>)
    expect(await world.run(other.echo({ text: 'd' }))).toEqual({ text: 'd' })
    for (const release of record.release.values()) release()
    await world.run(Promise.all(running))
    await world.close(server)
  })

  it('do not count for another share', async () => {
    const { world, server, record } = stage({
      limits: { handlersPerShareMax: 1 },
      shareKey: ({ context }) => context?.user,
    })
    const ada = await world.connect(server, lab, { auth: 'ada' })
    const ben = await world.connect(server, lab, { auth: 'ben' })
    const running = ada.wait({ text: 'a' })
    await world.eventually('it runs', () => record.started === 1)
    expect((await world.run(safe(ada.nothing()))).error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect((await world.run(safe(ben.nothing()))).ok).toBe(true)
    record.release.get('a')?.()
    await world.run(running)
    await world.close(server)
  })

  it.each(['a handler', 'a producer'])(
    'count while %s that was cancelled has not stopped, even after its connection has closed',
    async (kind) => {
      const { world, server, record } = stage({ limits: { handlersPerShareMax: 2, handlerStopMs: 100 } })
      const client = await world.connect(server, lab)
      for (let index = 0; index < 2; index++) {
        if (kind === 'a handler') void safe(client.stuck())
        else void safe(client.silence().next())
      }
      await world.eventually('two run', () => record.signals.length === 2)
      await world.run(client.$close({ graceMs: 0 }))
      await world.clock.advance(10_000)
      const other = await world.connect(server, lab)
      expect((await world.run(safe(other.nothing()))).error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
      await world.close(server)
    },
  )

  it('are no longer counted after they end in any way: after many calls, as many can run as before', async () => {
    const { world, server, record } = stage({ limits: { handlersPerShareMax: 5 } })
    const client = await world.connect(server, lab)
    for (let index = 0; index < 100; index++) {
      const aborted = new AbortController()
      const calls = [
        safe(client.echo({ text: 'x' })),
        safe(client.fail({ how: 'plain' })),
        safe(client.wait({ text: 'w' }, { signal: aborted.signal })),
      ]
      await world.settle()
      aborted.abort()
      await world.run(Promise.all(calls))
      for await (const item of client.count({ to: 3 })) if (item === 2) break
      await world.settle()
    }
    const started = record.started
    const running = Array.from({ length: 6 }, (_, index) => safe(client.wait({ text: `${index}` })))
    await world.eventually('five run', () => record.started === started + 5)
    expect((await world.run(running[5] as (typeof running)[0])).error).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
    })
    for (const release of record.release.values()) release()
    await world.run(Promise.all(running))
    await world.close(server)
  })
})

describe('The connections of a share', () => {
  it('count before their hello, and one over connectionsPerShareMax is closed when it arrives', async () => {
    const { world, server, log } = stage({ limits: { connectionsPerShareMax: 2 } })
    const peers = [await world.connectRaw(server), await world.connectRaw(server)]
    await expect(world.connectRaw(server)).rejects.toMatchObject({ code: 'CONNECTIONS_PER_SHARE_MAX' })
    peers[0]?.abort()
    await world.eventually('it is gone', () => server.connections.size === 1)
    const client = await world.connect(server, lab)
    expect((await world.run(safe(client.nothing()))).ok).toBe(true)
    expect(log.filter(({ level }) => level === 'error')).toEqual([])
    peers[1]?.abort()
    await world.close(server)
  })

  it('of a principal are limited when the principal is known, and the client is refused with a time to retry', async () => {
    const { world, server } = stage({
      limits: { connectionsPerShareMax: 1 },
      shareKey: ({ context }) => context?.user,
    })
    const first = await world.connect(server, lab, { auth: 'ada' })
    expect((await world.run(safe(first.nothing()))).ok).toBe(true)
    const second = await world.connect(server, lab, { auth: 'ada' })
    const { error } = await world.run(safe(second.nothing()))
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_000 })
    const other = await world.connect(server, lab, { auth: 'ben' })
    expect((await world.run(safe(other.nothing()))).ok).toBe(true)
    await world.close(server)
  })

  it('whose shareKey fails are closed, and an error is logged', async () => {
    const { world, server, log } = stage({
      shareKey: ({ context }) => {
        if (context?.user === 'ada') throw new Error('no such table')
        return undefined
      },
    })
    const client = await world.connect(server, lab, { auth: 'ada' })
    const { error } = await world.run(safe(client.nothing()))
    expect(error).toMatchObject({ code: 'INTERNAL' })
    expect(error?.message).not.toContain('no such table')
    expect(log.filter(({ level }) => level === 'error').map(({ text }) => text)).toEqual([
      'the share of a connection could not be found',
    ])
    await world.close(server)
  })

  it('have refusalsPerShareSecondMax refusals together: the one that exceeds it is ended, and the others stay open', async () => {
    const { world, server } = stage({ limits: { refusalsPerShareSecondMax: 4 } })
    const peers = [await world.connectRaw(server), await world.connectRaw(server)]
    const answers = (peer: RawPeer) => peer.payloads.filter(([kind]) => kind === envelopeKinds.failure).length
    for (const peer of peers) {
      peer.sendFrames(...framesOf([hello]))
      await world.eventually('it is welcomed', () => peer.payloads.length > 0)
      peer.sendFrames(...framesOf([unknownCall(1), unknownCall(3), unknownCall(5)]))
      await world.clock.advance(10)
    }
    await world.eventually('the second is ended', () => peers[1]?.ended === true)
    expect(peers.map(answers)).toEqual([3, 1])
    expect(peers[0]?.ended).toBe(false)
    peers[0]?.abort()
    await world.close(server)
  })
})

function unknownCall(callId: number): Envelope {
  return { kind: 'call', callId, procedure: 'lab@1/none', upload: false, metadata: {}, body: noBody }
}

/** Sockets from several addresses of the loopback, to a server whose shareKey counts each address. */
describe.each(worlds.filter(({ name }) => ['net', 'epoll', 'io_uring', 'iocp'].includes(name)))(
  'on $name',
  ({ name, absent }) => {
    it.skipIf(absent !== undefined)(
      'each address of the loopback has its own share if a shareKey returns one',
      async () => {
        const { log, lines } = recordingLog()
        const { implementation } = createLab()
        const server = createServer<LabContext>(implementation, {
          context: () => ({ user: 'guest' }),
          log,
          backend: name as never,
          limits: { connectionsPerShareMax: 3, logLinesPerShareSecondMax: 10 },
          shareKey: ({ remoteEndpoint }) => /127\.0\.0\.\d+/.exec(remoteEndpoint)?.[0],
        })
        const { endpoint } = await server.listen('tcp://127.0.0.1:0')
        const port = endpoint.kind === 'tcp' ? endpoint.port : 0
        const open = (last: number) => connect({ host: '127.0.0.1', port, localAddress: `127.0.0.${last}` })
        const ended: Socket[] = []
        const flood = Array.from({ length: 200 }, () => open(2))
        for (const socket of flood) {
          socket.on('error', () => undefined)
          socket.once('close', () => ended.push(socket))
        }
        await realTime.eventually('those over the limit are closed', () => ended.length === 197)
        const others = [3, 4].map(open)
        await realTime.eventually('other addresses are taken', () => server.connections.size === 5)
        await realTime.eventually('how many lines were left out is told', () => {
          const leftOut = lines.filter(({ facts }) => facts.share === '127.0.0.2')
          const turned = lines.filter(({ text }) => text === 'a connection was turned away').length
          // Ten lines per second, and this took less than five seconds.
          expect(turned).toBeLessThan(60)
          return turned + leftOut.reduce((sum, { facts }) => sum + (facts.lines as number), 0) >= 197
        })
        for (const socket of [...flood, ...others]) socket.destroy()
        await realTime.eventually('all are gone', () => server.connections.size === 0)
        const again = Array.from({ length: 3 }, () => open(2))
        await realTime.eventually('as many are taken as before', () => server.connections.size === 3)
        for (const socket of again) socket.destroy()
        await server.close()
      },
    )
  },
)
