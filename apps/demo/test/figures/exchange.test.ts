import { channel } from 'node:diagnostics_channel'
import {
  type EventBus,
  memoryEventBus,
  type Server,
  type ServerConnection,
  type ServerStats,
  serverChannels,
} from '@frameport/server'
import pino from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FiguresTable } from '../../src/figures-contract.ts'
import { limits } from '../../src/limits.ts'
import { FiguresExchange } from '../../src/server/figures/figures-exchange.ts'
import type { FiguresWatch } from '../../src/server/figures/figures-watch.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'

const logger = pino({ level: 'silent' })
const beat = limits.figuresBeatMs

/** Totals and statistics that a test sets. */
class FakeServer implements Pick<Server, 'stats' | 'connections'> {
  readings = 0
  totals = { callsBegun: 0, callsFailed: 0, bytesSent: 0, delivered: 0 }
  readonly connections = new Set<ServerConnection>()

  stats(): ServerStats {
    this.readings += 1
    const { delivered, ...totals } = this.totals
    return {
      connections: this.connections.size,
      connectionsDetached: 1,
      totals: { connectionsAccepted: 0, callsRefused: 0, bytesReceived: 0, ...totals },
      listeners: [
        { urls: ['tcp://a'], backend: 'io_uring' },
        { urls: ['ws://a'], backend: undefined },
      ],
      queuedBytes: 7,
      handlersInFlight: 0,
      topics: 0,
      events: { published: 0, delivered, bytesWaiting: 0, leftOut: 0, slowSubscribers: 0 },
      memory: { bytes: 0, bytesMax: 0, connectionsGivenUp: 0 },
      connectionsWaitingForTurn: 0,
    }
  }

  connect(queuedBytes: number, state: ServerConnection['state'] = 'open'): ServerConnection {
    const connection = { state, queuedBytes } as ServerConnection
    this.connections.add(connection)
    return connection
  }
}

/** Servers of one chat with a common clock, and the messages on their bus. */
function chat() {
  const clock = new ManualClock()
  const memory = memoryEventBus()
  const said: string[] = []
  const bus: EventBus = {
    join(receiver) {
      const member = memory.join(receiver)
      return {
        ...member,
        publish(event) {
          said.push(event.event)
          return member.publish(event)
        },
      }
    },
  }
  const start = async (id: string, label?: string) => {
    const server = new FakeServer()
    const exchange = new FiguresExchange({ id, label, server: () => server, bus, clock, logger })
    onTestFinished(() => exchange.close())
    await exchange.start()
    return { server, exchange }
  }
  const outsider = memory.join({ event: () => undefined, gap: () => undefined })
  const saysFigures = (bytes: Uint8Array | string) =>
    outsider.publish({
      event: 'chat-servers@1/figures',
      topic: '',
      body: { encoding: 'raw', bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes },
    })
  return { clock, start, said, saysFigures }
}

/** The newest table that was not read yet. */
async function tableOf(watch: FiguresWatch | undefined): Promise<FiguresTable> {
  const { value } = await watch![Symbol.asyncIterator]().next()
  return value as FiguresTable
}

const figures = (server: string, more: object = {}) => ({
  server,
  label: '',
  backend: 'net',
  connections: 1,
  away: 0,
  queuedBytes: 0,
  slow: 0,
  cutOff: 0,
  ...more,
})

describe('The statistics of one server', () => {
  it('are differences of totals, divided by the time between two readings', async () => {
    const { clock, start } = chat()
    const { server, exchange } = await start('a', 'worker 2')
    server.totals = { callsBegun: 1_000, callsFailed: 10, bytesSent: 5_000, delivered: 70 }
    const watch = exchange.watch({})
    server.totals = { callsBegun: 1_030, callsFailed: 12, bytesSent: 9_000, delivered: 570 }
    await clock.move(beat)
    expect(await tableOf(watch)).toEqual({
      here: 'a',
      servers: [
        {
          ...figures('a', {
            label: 'worker 2',
            backend: 'io_uring',
            connections: 0,
            away: 1,
            queuedBytes: 7,
          }),
          rates: { calls: 30, callsFailed: 2, events: 500, bytesSent: 4_000, longestCallMs: 0 },
        },
      ],
    })
    await clock.move(beat)
    expect((await tableOf(watch)).servers[0]?.rates).toMatchObject({ calls: 0, events: 0 })
  })

  it('are not read without a watcher, and start again for the next one', async () => {
    const { clock, start, said } = chat()
    const { server, exchange } = await start('a')
    await clock.move(60_000)
    expect(server.readings).toBe(0)
    const watch = exchange.watch({})
    await clock.move(beat)
    watch?.stop()
    expect(clock.timers).toBe(0)
    const { readings } = server
    said.length = 0
    server.totals.callsBegun = 100_000
    await clock.move(60_000)
    expect(server.readings).toBe(readings)
    expect(said).toEqual([])
    const later = exchange.watch({})
    await clock.move(beat)
    expect((await tableOf(later)).servers[0]?.rates?.calls).toBe(0)
  })

  it('count peers with many waiting bytes, unless they are detached', async () => {
    const { clock, start } = chat()
    const { server, exchange } = await start('a')
    server.connect(limits.slowPeerBytes)
    server.connect(limits.slowPeerBytes + 1)
    server.connect(limits.slowPeerBytes + 1, 'detached')
    const watch = exchange.watch({})
    await clock.move(beat)
    expect((await tableOf(watch)).servers[0]).toMatchObject({ connections: 3, slow: 1 })
  })

  it('count disconnected slow peers, also shortly before the first watcher, and only those of this server', async () => {
    const { clock, start } = chat()
    const { server, exchange } = await start('a')
    const slow = channel(serverChannels.slowSubscriber)
    slow.publish({ connection: server.connect(0), message: 'slow' })
    slow.publish({ connection: {} as ServerConnection, message: 'of another server of the process' })
    await clock.move(limits.cutOffShownMs / 2)
    const watch = exchange.watch({})
    await clock.move(beat)
    expect((await tableOf(watch)).servers[0]?.cutOff).toBe(1)
    await clock.move(limits.cutOffShownMs / 2)
    expect((await tableOf(watch)).servers[0]?.cutOff).toBe(0)
    await exchange.close()
    expect(slow.hasSubscribers).toBe(false)
  })

  it('contain the longest call that is not a stream, while there is a watcher', async () => {
    const { clock, start } = chat()
    const { server, exchange } = await start('a')
    const ends = channel(`tracing:${serverChannels.call}:asyncEnd`)
    expect(ends.hasSubscribers).toBe(false)
    const watch = exchange.watch({})
    const connection = server.connect(0)
    ends.publish({ kind: 'unary', connection, durationMs: 40 })
    ends.publish({ kind: 'unary', connection, durationMs: 30 })
    ends.publish({ kind: 'server-stream', connection, durationMs: 9_000 })
    ends.publish({ kind: 'unary', connection: {}, durationMs: 9_000 })
    await clock.move(beat)
    expect((await tableOf(watch)).servers[0]?.rates?.longestCallMs).toBe(40)
    watch?.stop()
    expect(ends.hasSubscribers).toBe(false)
  })

  it('are shown to each member only once at a time, and a slow reader receives only the newest', async () => {
    const { clock, start } = chat()
    const { server, exchange } = await start('a')
    const anna = {}
    const watch = exchange.watch(anna)
    expect(exchange.watch(anna)).toBeUndefined()
    for (let second = 1; second <= 5; second += 1) {
      server.totals.callsBegun += second
      await clock.move(beat)
    }
    expect((await tableOf(watch)).servers[0]?.rates?.calls).toBe(5)
    let isThereMore = false
    void watch!
      [Symbol.asyncIterator]()
      .next()
      .then(({ done }) => {
        isThereMore = done !== true
      })
    await settled()
    expect(isThereMore).toBe(false)
    watch?.stop()
    expect(exchange.watch(anna)).toBeDefined()
  })
})

describe('A closed server', () => {
  it('shows and reads nothing', async () => {
    const { clock, start } = chat()
    const { server, exchange } = await start('a')
    const watch = exchange.watch({})
    await exchange.close()
    const later = exchange.watch({})
    const { readings } = server
    await clock.move(5 * beat)
    expect(await tableOf(watch)).toBeUndefined()
    expect(await tableOf(later)).toBeUndefined()
    expect(server.readings).toBe(readings)
    expect(clock.timers).toBe(0)
  })
})

describe('Several servers', () => {
  it('are in one table, with their rates a second later, in the order of their labels', async () => {
    const { clock, start } = chat()
    const [here, there] = [await start('a', 'worker 10'), await start('b', 'worker 2')]
    const watch = here.exchange.watch({})
    there.server.totals.callsBegun = 50
    await clock.move(beat)
    expect((await tableOf(watch)).servers.map(({ server }) => server)).toEqual(['b', 'a'])
    await clock.move(beat)
    expect((await tableOf(watch)).servers[0]).toMatchObject({
      server: 'b',
      rates: { calls: expect.any(Number) },
    })
  })

  it('send nothing without a watcher', async () => {
    const { clock, start, said } = chat()
    const [here, there] = [await start('a'), await start('b')]
    const watch = here.exchange.watch({})
    await clock.move(5 * beat)
    expect(new Set(said)).toEqual(new Set(['chat-servers@1/look', 'chat-servers@1/figures']))
    watch?.stop()
    await clock.move(limits.figuresSilentMs + beat)
    said.length = 0
    const { readings } = there.server
    await clock.move(20 * beat)
    expect(said).toEqual([])
    expect(there.server.readings).toBe(readings)
    expect(clock.timers).toBe(0)
  })

  it('are shown as gone after some silence, and leave the table later', async () => {
    const { clock, start } = chat()
    const [here, there] = [await start('a'), await start('b')]
    const watch = here.exchange.watch({})
    await clock.move(3 * beat)
    await there.exchange.close()
    const seen: string[] = []
    for (let second = 1; second <= 12; second += 1) {
      await clock.move(beat)
      const other = (await tableOf(watch)).servers[1]
      seen.push(other === undefined ? 'none' : other.silentMs === undefined ? 'there' : 'gone')
    }
    expect(seen.filter((state, index) => state !== seen[index - 1])).toEqual(['there', 'gone', 'none'])
    expect(seen.filter((state) => state === 'there').length).toBeLessThanOrEqual(4)
  })

  it('that return are shown again', async () => {
    const { clock, start, saysFigures } = chat()
    const { exchange } = await start('a')
    const watch = exchange.watch({})
    await saysFigures(JSON.stringify(figures('b')))
    await clock.move(5 * beat)
    expect((await tableOf(watch)).servers[1]?.silentMs).toBe(5 * beat)
    await saysFigures(JSON.stringify(figures('b')))
    await clock.move(beat)
    expect((await tableOf(watch)).servers[1]).toEqual(figures('b'))
  })

  it.each([
    ['text that is not JSON', '{'],
    ['another value', '[]'],
    ['nothing', ''],
    ['bytes that are not UTF-8', new Uint8Array([0xff, 0xfe, 0x00])],
    ['a name that is too long', JSON.stringify(figures('b'.repeat(65)))],
    ['a label that is too long', JSON.stringify(figures('b', { label: 'x'.repeat(100) }))],
    ['a negative figure', JSON.stringify(figures('b', { connections: -1 }))],
    ['a figure that is not a number', JSON.stringify(figures('b', { queuedBytes: 'many' }))],
    ['an infinite figure', JSON.stringify(figures('b')).replace('"slow":0', '"slow":1e999')],
    ['an incomplete row of rates', JSON.stringify(figures('b', { rates: { calls: 1 } }))],
    ['a text that is too long', JSON.stringify(figures('b')) + ' '.repeat(limits.figuresBytesMax)],
    ['figures of this server', JSON.stringify(figures('a', { connections: 999 }))],
  ])('ignore %s', async (_what, text) => {
    const { clock, start, saysFigures } = chat()
    const { exchange } = await start('a')
    const watch = exchange.watch({})
    await saysFigures(text)
    await clock.move(beat)
    expect((await tableOf(watch)).servers).toMatchObject([{ server: 'a', connections: 0 }])
  })

  it('use limited memory, whoever claims to be a server', async () => {
    const { clock, start, saysFigures } = chat()
    const { exchange } = await start('a')
    const watch = exchange.watch({})
    const extra = { evil: { nested: true }, __proto__: null }
    for (let number = 0; number < 1_000; number += 1)
      await saysFigures(JSON.stringify(figures(`evil ${number}`, extra)))
    await clock.move(beat)
    const { servers } = await tableOf(watch)
    expect(servers).toHaveLength(limits.figuresServersMax)
    expect(servers.some((row) => 'evil' in row)).toBe(false)
    expect(servers.filter(({ server }) => server === 'a')).toHaveLength(1)
  })

  it('work without a bus that has failed', async () => {
    const clock = new ManualClock()
    const fails = () => Promise.reject(new Error('the broker is away'))
    const bus: EventBus = { join: () => ({ publish: fails, listen: fails, ignore() {}, leave: fails }) }
    const server = new FakeServer()
    const exchange = new FiguresExchange({ id: 'a', server: () => server, bus, clock, logger })
    await exchange.start()
    const watch = exchange.watch({})
    await clock.move(2 * beat)
    expect((await tableOf(watch)).servers).toHaveLength(1)
    await exchange.close()
  })
})
