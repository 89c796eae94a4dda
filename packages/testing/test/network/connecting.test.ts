import { describe, expect, it } from 'vitest'
import { reachingProcess } from '../../../../tests/support/failing-callbacks.ts'
import { assertQuiet, createSimNetwork, limits, type SimHost, type SimNetwork } from '../../src/index.ts'
import { patterned, record } from '../recorder.ts'
import { connectFrom, even, failureOf, listenAt } from './support.ts'

function twoHosts(options = even): { network: SimNetwork; a: SimHost; b: SimHost } {
  const network = createSimNetwork(options)
  return { network, a: network.host('a'), b: network.host('b') }
}

describe('connecting', () => {
  it('reaches the listener after one latency, and the client after two', async () => {
    const { network, a, b } = twoHosts()
    const accepted = await listenAt(b)
    let connected = false
    void connectFrom(a).then(() => {
      connected = true
    })
    await network.clock.advance(9)
    expect([accepted.length, connected]).toEqual([0, false])
    await network.clock.advance(1)
    expect([accepted.length, connected]).toEqual([1, false])
    await network.clock.advance(9)
    expect(connected).toBe(false)
    await network.clock.advance(1)
    expect(connected).toBe(true)
    expect(network.connections).toMatchObject([{ id: 1, from: 'a', to: 'b' }])
  })

  it('gives the listener the remote endpoint: the host of the client and a unique port', async () => {
    const { network, a, b } = twoHosts()
    const remotes: (string | undefined)[] = []
    await b.acceptor(5500).listen({
      accepted: (_stream, from) => void remotes.push(from?.remoteEndpoint),
      acceptFailed: () => undefined,
    })
    await network.clock.until(Promise.all([connectFrom(a), connectFrom(a), connectFrom(b)]))
    expect(remotes.sort()).toEqual(['sim://a:49152', 'sim://a:49153', 'sim://b:49154'])
  })

  it('accepts the url of a listener as an address', async () => {
    const { network, a, b } = twoHosts()
    await listenAt(b)
    expect(b.acceptor(5500).url).toBe('sim://b:5500')
    expect(a.connector('b:5500').url).toBe('sim://b:5500')
    await network.clock.until(connectFrom(a, 'sim://b:5500'))
  })

  it('delivers what the listener sends at once, after the answer', async () => {
    const { network, a, b } = twoHosts()
    await b.acceptor(5500).listen({
      accepted: (stream) => {
        stream.send(patterned(5))
        stream.end()
      },
      acceptFailed: () => undefined,
    })
    const { events } = record(await network.clock.until(connectFrom(a)))
    await network.clock.advance(0)
    expect(events).toEqual(['data 5', 'end'])
  })

  it.each([
    ['a host that does not exist', 'c:5500', /The network has no host c\. Its hosts are a, b\./],
    [
      'a port on which nothing listens',
      'b:5501',
      /No process listens at port 5501 of b, but listeners are at 5500\./,
    ],
    ['a host that listens on no port', 'a:1', /No process listens at port 1 of a, and it has no listener\./],
  ])('to %s is refused after a round trip', async (_what, address, text) => {
    const { network, a, b } = twoHosts()
    await listenAt(b)
    const failure = failureOf(connectFrom(a, address))
    await network.clock.advance(19)
    expect(failure.error).toBeUndefined()
    await network.clock.advance(1)
    expect(failure.error).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringMatching(text),
    })
    expect(network.connections).toEqual([])
    assertQuiet(network.clock)
  })

  it('to a host without a process is refused, and succeeds once a process has started and listens', async () => {
    const { network, a, b } = twoHosts()
    await listenAt(b)
    b.kill()
    const failure = failureOf(connectFrom(a))
    await network.clock.advance(20)
    expect(failure.error).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringMatching(/No process runs on b/),
    })
    b.start()
    const accepted = await listenAt(b)
    await network.clock.until(connectFrom(a))
    expect(accepted).toHaveLength(1)
  })

  it.each([
    ['the way is held', (network: SimNetwork) => network.between('a', 'b').hold()],
    ['the way back is held', (network: SimNetwork) => network.between('a', 'b').hold('a')],
    ['the host has lost its power', (_network: SimNetwork, b: SimHost) => b.kill('nothing')],
  ])('gets no answer before its timeout while %s', async (_what, happens) => {
    const { network, a, b } = twoHosts()
    await listenAt(b)
    happens(network, b)
    const failure = failureOf(connectFrom(a, 'b:5500', { timeoutMs: 5_000 }))
    await network.clock.advance(4_999)
    expect(failure.error).toBeUndefined()
    await network.clock.advance(1)
    expect(failure.error).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      message: expect.stringMatching(/sim:\/\/b:5500 did not answer within 5000 ms/),
    })
  })

  it('continues if the way is released, or the power is back, in time', async () => {
    const { network, a, b } = twoHosts()
    await listenAt(b)
    network.between(a, b).hold()
    const connecting = connectFrom(a)
    await network.clock.advance(3_000)
    network.between(a, b).release()
    await network.clock.advance(10)
    await connecting
    b.kill('nothing')
    const refused = failureOf(connectFrom(a))
    await network.clock.advance(3_000)
    expect(refused.error).toBeUndefined()
    b.start()
    await network.clock.advance(10)
    expect(refused.error).toMatchObject({ code: 'CONNECTION_REFUSED' })
  })

  it('is cancelled by its signal, with the reason of the signal, and the listener gets a reset', async () => {
    const { network, a, b } = twoHosts()
    const accepted = await listenAt(b)
    const [early, late] = [new AbortController(), new AbortController()]
    early.abort(new Error('before'))
    await expect(connectFrom(a, 'b:5500', { signal: early.signal })).rejects.toThrow('before')
    const failure = failureOf(connectFrom(a, 'b:5500', { signal: late.signal }))
    await network.clock.advance(10)
    const { events } = record(accepted[0] as never)
    late.abort(new Error('meanwhile'))
    await network.clock.advance(10)
    expect(failure.error).toMatchObject({ message: 'meanwhile' })
    expect(events).toEqual(['close'])
    expect(network.connections).toEqual([])
    assertQuiet(network.clock)
  })

  it('that is cancelled before it has arrived does not reach the listener', async () => {
    const { network, a, b } = twoHosts()
    const accepted = await listenAt(b)
    const abort = new AbortController()
    const failure = failureOf(connectFrom(a, 'b:5500', { signal: abort.signal }))
    await network.clock.advance(5)
    abort.abort()
    await network.clock.advance(100)
    expect(failure.error).toMatchObject({ name: 'AbortError' })
    expect(accepted).toEqual([])
    assertQuiet(network.clock)
  })

  it('fails with a reset if the way is cut', async () => {
    const { network, a, b } = twoHosts()
    await listenAt(b)
    const failure = failureOf(connectFrom(a))
    await network.clock.advance(5)
    network.between(a, b).cut()
    await network.clock.advance(15)
    expect(failure.error).toMatchObject({ code: 'CONNECTION_RESET' })
    await network.clock.advance(15)
    expect(network.connections).toEqual([])
    assertQuiet(network.clock)
  })

  it('never settles for a process that died meanwhile, and a dead process cannot begin one', async () => {
    const { network, a, b } = twoHosts()
    const accepted = await listenAt(b)
    const connector = a.connector('b:5500')
    const settled: string[] = []
    const { signal } = new AbortController()
    const connect = () =>
      void connector.connect({ signal, timeoutMs: 1_000 }).then(
        () => settled.push('connected'),
        () => settled.push('failed'),
      )
    connect()
    await network.clock.advance(15)
    a.kill()
    connect()
    await network.clock.advance(5_000)
    expect(settled).toEqual([])
    const { events } = record(accepted[0] as never)
    await network.clock.advance(0)
    expect(events).toEqual(['close'])
    expect(accepted).toHaveLength(1)
    assertQuiet(network.clock)
  })
})

describe('a listener', () => {
  it('that is suspended gets the connections that its kernel accepted when it is resumed, in order', async () => {
    const { network, a, b } = twoHosts({ latencyMs: { minMs: 1, maxMs: 100 } })
    const accepted = await listenAt(b)
    b.suspend()
    const clients = await network.clock.until(Promise.all([1, 2, 3].map(() => connectFrom(a))))
    clients.forEach((client, index) => {
      client.send(Uint8Array.of(index))
    })
    await network.clock.advance(1_000)
    expect(accepted).toEqual([])
    b.resume()
    await network.clock.advance(0)
    expect(accepted).toHaveLength(3)
    const recorders = accepted.map((stream) => record(stream))
    await network.clock.advance(0)
    expect(recorders.map(({ events }) => events)).toEqual([['data 1'], ['data 1'], ['data 1']])
  })

  it(`has a backlog of ${limits.backlogMax}; one more connect waits until there is room`, async () => {
    const { network, a, b } = twoHosts({ latencyMs: 0 })
    const accepted = await listenAt(b)
    b.suspend()
    let connected = 0
    const connecting = Array.from({ length: limits.backlogMax + 2 }, () =>
      connectFrom(a).then(() => {
        connected += 1
      }),
    )
    await network.clock.advance(1_000)
    expect(connected).toBe(limits.backlogMax)
    b.resume()
    await network.clock.until(Promise.all(connecting))
    await network.clock.advance(0)
    expect(accepted).toHaveLength(limits.backlogMax + 2)
  })

  it('that is closed accepts no more, resets connections it was not given yet, and keeps the others', async () => {
    const { network, a, b } = twoHosts()
    const accepted: unknown[] = []
    const listener = await b.acceptor(5500).listen({
      accepted: (stream) => void accepted.push(stream),
      acceptFailed: () => undefined,
    })
    const first = await network.clock.until(connectFrom(a))
    b.suspend()
    const second = record(await network.clock.until(connectFrom(a)))
    await listener.close()
    await listener.close()
    b.resume()
    const failure = failureOf(connectFrom(a))
    await network.clock.advance(20)
    expect(failure.error).toMatchObject({ code: 'CONNECTION_REFUSED' })
    expect(second.events).toEqual(['close'])
    expect(accepted).toHaveLength(1)
    expect(first.send(patterned(1))).toBe('sent')
    expect(network.connections).toHaveLength(1)
  })

  it('at a port in use is refused, until the other one is closed or its process is gone', async () => {
    const { b } = twoHosts()
    const events = { accepted: () => undefined, acceptFailed: () => undefined }
    const listener = await b.acceptor(5500).listen(events)
    const inUse = expect.objectContaining({
      code: 'ADDRESS_IN_USE',
      message: expect.stringMatching(/sim:\/\/b:5500/),
    })
    await expect(b.acceptor(5500).listen(events)).rejects.toEqual(inUse)
    await b.acceptor(5501).listen(events)
    await listener.close()
    await b.acceptor(5500).listen(events)
    b.kill()
    b.start()
    await b.acceptor(5500).listen(events)
    await expect(b.acceptor(5500).listen(events)).rejects.toEqual(inUse)
  })

  it('whose callback throws does not stop the network', async () => {
    const { network, a, b } = twoHosts()
    const thrown = new Error('accepted')
    await b.acceptor(5500).listen({
      accepted() {
        throw thrown
      },
      acceptFailed: () => undefined,
    })
    const reached = await reachingProcess(async () => {
      await network.clock.until(connectFrom(a))
    })
    expect(reached).toEqual({ uncaught: [thrown], unhandled: [] })
  })
})
