import { contract, procedure } from '@frameport/protocol'
import { type Acceptor, type AcceptorEvents, createServer, implement } from '@frameport/server'
import { createMemoryChannels, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'

const room = contract('room', { version: 1, procedures: { ping: procedure({}) } })
const url = 'pipe:room'

/** A server, and an acceptor that records its calls and closes when the test says so. */
function stage() {
  const clock = createVirtualClock()
  const calls: string[] = []
  let events: AcceptorEvents | undefined
  let closed!: () => void
  const acceptor: Acceptor = {
    url,
    async listen(given) {
      calls.push('listen')
      events = given
      return { url, close: () => new Promise((resolve) => (closed = () => resolve())) }
    },
    release: () => void calls.push('release'),
  }
  const server = createServer(implement(room).handlers({ ping: () => undefined }), {
    environment: clock,
    log: false,
  })
  return {
    clock,
    server,
    acceptor,
    calls,
    accepted: (channel: unknown) => events?.accepted(channel as never, {}),
    closed: () => closed(),
  }
}

const serverClosed = { code: 'SERVER_CLOSED' }

describe('A server that is closing or closed', () => {
  it('does not ask an acceptor to listen, and does not release one that it has not used', async () => {
    const { clock, server, acceptor, calls } = stage()
    const closed = server.close()
    await expect(server.listen(acceptor)).rejects.toMatchObject(serverClosed)
    await clock.until(closed)
    await expect(server.listen(acceptor)).rejects.toMatchObject(serverClosed)
    await clock.settle()
    expect(calls).toEqual([])
  })

  it('aborts connections that are accepted now or later', async () => {
    const { clock, server, acceptor, accepted, closed } = stage()
    await server.listen(acceptor)
    const closing = server.close()
    const channels = [1, 2, 3].map(() => createMemoryChannels({ clock }))
    accepted(channels[0]?.b)
    expect(() => server.accept(channels[1]!.b)).toThrow(expect.objectContaining(serverClosed))
    closed()
    await clock.until(closing)
    accepted(channels[2]?.b)
    await clock.settle()
    expect(channels.map(({ b }) => b.state)).toEqual(['closed', 'closed', 'closed'])
    expect([server.connections.size, clock.timers]).toEqual([0, []])
  })
})
