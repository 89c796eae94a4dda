import { contract, procedure } from '@frameport/protocol'
import {
  type Acceptor,
  type AcceptorEvents,
  type AcceptorListener,
  createServer,
  implement,
  type ServerOptions,
} from '@frameport/server'
import { createMemoryChannels, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'

const room = contract('room', { version: 1, procedures: { ping: procedure({}) } })
const url = 'pipe:room'

interface Line {
  readonly level: string
  readonly text: string
  readonly err: unknown
}

function stage(options: Partial<ServerOptions<object>> = {}) {
  const clock = createVirtualClock()
  const lines: Line[] = []
  const line = (level: string) => (facts: Readonly<Record<string, unknown>>, text: string) =>
    void lines.push({ level, text, err: facts.err })
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const server = createServer(implement(room).handlers({ ping: () => undefined }), {
    environment: clock,
    log,
    ...options,
  })
  const problems = () => lines.filter(({ level }) => level === 'warn' || level === 'error')
  return { clock, server, problems }
}

const listener = (members: object = {}) => ({ url, close: async () => undefined, ...members })
const acceptor = (members: object = {}): Acceptor => ({ url, listen: async () => listener(), ...members })
const never = () => new Promise<never>(() => {})

/** A listening server, and the events that its acceptor received. */
async function listening(options: Partial<ServerOptions<object>> = {}) {
  const made = stage(options)
  let events!: AcceptorEvents
  await made.server.listen(
    acceptor({
      listen: async (given: AcceptorEvents) => {
        events = given
        return listener()
      },
    }),
  )
  return { ...made, events }
}

const unreadable = new Proxy(
  {},
  {
    get() {
      throw new Error('from the getter')
    },
    has() {
      throw new Error('from the trap')
    },
  },
)

describe('The events of an acceptor', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'me'],
    ['an object that cannot be read', unreadable],
    ['a wrong remoteEndpoint', { remoteEndpoint: 5 }],
  ])('do not throw for any origin, not even for %s', async (_name, from) => {
    const { server, events, clock } = await listening({ limits: { connectionsMax: 1 } })
    const channels = [1, 2, 3].map(() => createMemoryChannels())
    for (const { b } of channels) expect(() => events.accepted(b, from as never)).not.toThrow()
    await clock.until(server.close())
    expect(() => events.accepted(channels[0]?.b as never, from as never)).not.toThrow()
    expect(channels.map(({ b }) => b.state)).toEqual(['closed', 'closed', 'closed'])
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an empty object', {}],
    ['an object that cannot be read', unreadable],
  ])(
    'do not throw for %s in place of a connection, and the log says that it stays open',
    async (_name, connection) => {
      const { events, problems } = await listening()
      expect(() => events.accepted(connection as never, {})).not.toThrow()
      expect(problems()).toMatchObject([
        {
          text: expect.stringContaining('stays open: it could not be aborted'),
          err: { code: 'INVALID_OPTION' },
        },
      ])
    },
  )

  it('do not throw for any error of accepting', async () => {
    const { events, problems } = await listening()
    for (const error of [undefined, null, 'EMFILE', unreadable]) events.acceptFailed(error as never)
    expect(problems()).toHaveLength(4)
  })

  it('work without their object, and give connections their remote endpoint', async () => {
    const { server, events, clock } = await listening()
    const { accepted, acceptFailed } = events
    acceptFailed(new Error('EMFILE'))
    accepted(createMemoryChannels({ clock }).b)
    accepted(createMemoryChannels({ clock }).b, { remoteEndpoint: 'pipe:guest' })
    expect([...server.connections].map(({ remoteEndpoint }) => remoteEndpoint)).toEqual([url, 'pipe:guest'])
    await clock.until(server.close({ graceMs: 0 }))
  })
})

describe('listen() refuses', () => {
  it.each<[string, unknown, string]>([
    [
      'an object without listen',
      { url },
      'the acceptor is an object without the methods listen, not an Acceptor',
    ],
    ['an object without url', { listen: never }, 'url of the acceptor is undefined, not a string'],
    ['a number as url', acceptor({ url: 4 }), 'url of the acceptor is 4, not a string'],
    ['a number as release', acceptor({ release: 4 }), 'release of the acceptor is 4, not a function'],
    ['a connector', { url, connect: never }, 'is a Connector, which is for a client'],
    ['an unknown scheme', 'pipe:///tmp/x', 'For another transport, give an Acceptor'],
  ])('%s', async (_name, target, text) => {
    const { server } = stage()
    await expect(server.listen(target as Acceptor)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
    })
  })

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'returned is undefined, not an AcceptorListener'],
    ['no close', { url }, 'without the methods close, not an AcceptorListener'],
    ['no url', listener({ url: undefined }), 'returned is undefined, not a string'],
    [
      'a getter that throws',
      {
        close: async () => undefined,
        get url() {
          throw new Error('from the getter')
        },
      },
      'throws when it is read',
    ],
  ])('a listener that is or has %s', async (_name, given, text) => {
    const { server } = stage()
    await expect(server.listen(acceptor({ listen: async () => given }))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
    })
  })

  it('a wrong listener, and closes it', async () => {
    let closed = 0
    const { server } = stage()
    const wrong = { close: () => closed++ }
    await expect(server.listen(acceptor({ listen: async () => wrong }))).rejects.toThrow('url')
    expect(closed).toBe(1)
  })
})

it('a listener is closed once by its owner and the server', async () => {
  let closes = 0
  const { server, clock } = stage()
  const given = listener({ close: async () => void closes++ })
  const open: AcceptorListener = await server.listen(acceptor({ listen: async () => given }))
  await Promise.all([open.close(), open.close()])
  await clock.until(server.close())
  expect(closes).toBe(1)
})

it('a listener that its owner has closed is not closed again with the server, even if its close failed', async () => {
  const { server, clock, problems } = stage()
  const broke = new Error('broke')
  const given = listener({ close: () => Promise.reject(broke) })
  const open: AcceptorListener = await server.listen(acceptor({ listen: async () => given }))
  await expect(open.close()).rejects.toBe(broke)
  await clock.until(server.close())
  expect(problems()).toEqual([])
})

describe('A closing server', () => {
  const failures: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('broke')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broke'))],
    ['never settles', never],
  ]

  for (const [way, fail] of failures) {
    it(`completes all other steps if a listener's close ${way}`, async () => {
      const { server, clock, problems } = stage()
      const released: string[] = []
      const { b } = createMemoryChannels({ clock })
      await server.listen(
        acceptor({ listen: async () => listener({ close: fail }), release: () => released.push('first') }),
      )
      await server.listen(acceptor({ release: () => released.push('second') }))
      server.accept(b)
      const closed = server.close({ graceMs: 0 })
      await clock.until(closed)
      expect([released, server.connections.size, b.state]).toEqual([['first', 'second'], 0, 'closed'])
      expect(problems()).toHaveLength(1)
      expect(server.close()).toBe(closed)
      expect(clock.timers).toEqual([])
    })

    it(`completes all other steps if a release ${way}`, async () => {
      const { server, clock, problems } = stage()
      const released: string[] = []
      await server.listen(acceptor({ release: fail }))
      await server.listen(acceptor({ release: () => released.push('second') }))
      await clock.until(server.close())
      expect(released).toEqual(['second'])
      expect(problems().map(({ text }) => text)).toEqual([
        way === 'never settles'
          ? 'an acceptor did not close within 5000 ms; the server stopped waiting for it'
          : 'an acceptor failed to close',
      ])
    })
  }

  it('waits for a listener for at most transportCloseTimeoutMs', async () => {
    const { server, clock } = stage({ limits: { transportCloseTimeoutMs: 50 } })
    await server.listen(acceptor({ listen: async () => listener({ close: never }) }))
    const closed = server.close()
    let done = false
    void closed.then(() => {
      done = true
    })
    await clock.advance(49)
    expect(done).toBe(false)
    await clock.advance(1)
    expect(done).toBe(true)
  })

  it('immediately rejects a pending listen, closes a listener that appears later, and then releases the acceptor', async () => {
    const { server, clock } = stage()
    const order: string[] = []
    let give!: (listener: AcceptorListener) => void
    const listened = server.listen(
      acceptor({
        listen: () =>
          new Promise((resolve) => {
            give = resolve
          }),
        release: () => order.push('released'),
      }),
    )
    const failure = expect(listened).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
    const closed = server.close()
    await failure
    give(listener({ close: async () => void order.push('closed') }))
    await clock.until(closed)
    expect(order).toEqual(['closed', 'released'])
  })

  it('does not wait for a listen that never settles', async () => {
    const { server, clock } = stage()
    const listened = server.listen(acceptor({ listen: never }))
    const failure = expect(listened).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
    await clock.until(server.close())
    await failure
  })

  it('does not wait for connections whose channel never closes', async () => {
    const { server, clock } = stage()
    const { b } = createMemoryChannels({ clock })
    const dead = new Proxy(b, {
      get: (target, name) => {
        if (name === 'end' || name === 'abort' || name === 'start') return () => undefined
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    server.accept(dead)
    await clock.until(server.close({ graceMs: 0 }))
    expect([server.connections.size, clock.timers]).toEqual([0, []])
  })
})
