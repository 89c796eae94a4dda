import { type ClientOptions, type Connector, createClient } from '@frameport/client'
import type { ByteStream } from '@frameport/framing'
import { RpcError } from '@frameport/protocol'
import { describe, expect, it, vi } from 'vitest'
import { PlayedNetwork, tiny } from './support/played-network.ts'

const dead: Connector = { url: 'test:dead', connect: () => Promise.reject(new Error('nobody listens')) }

/** A client with these connectors, on the virtual clock of a network. */
function client(network: PlayedNetwork, connectors: readonly Connector[], options: ClientOptions = {}) {
  return createClient(tiny, connectors, { environment: network.clock, ...options })
}

describe('a connector among several', () => {
  it.each<[string, Connector['connect']]>([
    [
      'throws instead of rejecting',
      () => {
        throw new Error('thrown')
      },
    ],
    ['returns nothing', (() => undefined) as never],
  ])('that %s is skipped for the next one at once, and leaves no timer', async (_name, connect) => {
    const network = new PlayedNetwork()
    const [good] = network.connectors as [Connector]
    const made = client(network, [{ url: 'test:faulty', connect }, good])
    expect(await network.run(made.ping())).toBe('server 0')
    expect(network.clock.nowMs()).toBe(0)
    expect(await network.leftOvers(made)).toEqual([])
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    [
      'a stream whose abort throws',
      {
        abort: () => {
          throw new Error('abort')
        },
      },
    ],
  ])('that returns %s after its timeout has no effect', async (_name, given) => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const network = new PlayedNetwork()
    const [good] = network.connectors as [Connector]
    let give!: (stream: ByteStream) => void
    const slow: Connector = {
      url: 'test:slow',
      connect: () =>
        new Promise((resolve) => {
          give = resolve
        }),
    }
    const made = client(network, [slow, good])
    expect(await network.run(made.ping())).toBe('server 0')
    give(given as ByteStream)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
    expect(await network.leftOvers(made)).toEqual([])
  })

  it('that is given twice is one address: a client that it refuses for good ends', async () => {
    const network = new PlayedNetwork()
    const [good] = network.connectors as [Connector]
    const made = client(network, [good, good])
    await network.run(made.$connection.opened())
    network.server.refusal = new RpcError('UNAUTHENTICATED', 'expired')
    await network.cut()
    expect(await network.run(made.$connection.closed())).toMatchObject({ code: 'HELLO_REFUSED' })
    expect(network.knocks).toHaveLength(2)
    expect(await network.leftOvers(made)).toEqual([])
  })

  it('that returns a connection of another client is skipped, and the other client keeps the connection', async () => {
    const network = new PlayedNetwork()
    const [good] = network.connectors as [Connector]
    const given = await good.connect({ signal: new AbortController().signal, timeoutMs: 1_000 })
    const same: Connector = { url: 'test:same', connect: async () => given }
    const first = client(network, [same])
    await network.run(first.$connection.opened())
    const second = client(network, [same, good])
    expect(await network.run(second.ping())).toBe('server 0')
    expect([first.$connection.state, await network.run(first.ping())]).toEqual(['open', 'server 0'])
    expect(await network.leftOvers(first, second)).toEqual([])
  })
})

describe('the release of connectors', () => {
  it('runs for every connector even if one throws or rejects, and reports each failure', async () => {
    const network = new PlayedNetwork()
    const [good] = network.connectors as [Connector]
    const told: unknown[] = []
    const throws: Connector = {
      ...dead,
      release: () => {
        throw new Error('thrown')
      },
    }
    const rejects: Connector = { ...dead, release: () => Promise.reject(new Error('rejected')) }
    const made = client(network, [throws, rejects, { ...rejects }, good], {
      onUncaught: (error) => void told.push(error),
    })
    expect(await network.run(made.ping())).toBe('server 0')
    expect(await network.leftOvers(made)).toEqual([])
    expect(network.releases).toEqual(['server 0'])
    expect(told.map((error) => (error as Error).message)).toEqual(['thrown', 'rejected', 'rejected'])
  })
})
