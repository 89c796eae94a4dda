import type { ByteStream } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { assertQuiet, createSimNetwork } from '../../src/index.ts'
import { patterned, record } from '../recorder.ts'
import { connectFrom, even, joined, listenAt, recorded } from './support.ts'

describe('a suspended process', () => {
  it('runs nothing until it is resumed, and then everything that became due, in order and at one moment', async () => {
    const both = await joined({ ...even, windowBytes: 1_000 })
    const { network, a, b, client } = both
    const ran: string[] = []
    record(both.server, () => void ran.push('data'))
    record(both.client)
    await network.clock.advance(0)
    const { environment } = b
    environment.setTimer(30, () => {
      ran.push('second timer')
      void Promise.resolve().then(() => ran.push('its microtask'))
    })
    environment.setTimer(30, () => ran.push('third timer'))
    environment.setTimer(5, () => ran.push('first timer'))
    const cancelled = environment.setTimer(35, () => ran.push('cancelled'))
    environment.setTimer(32, () => cancelled.cancel())
    environment.nextTurn?.(() => ran.push('turn'))
    b.suspend()
    expect(b.state).toBe('suspended')
    client.send(patterned(5_000))
    await network.clock.advance(100)
    expect(ran).toEqual([])
    expect(client.queuedBytes).toBe(4_000)
    expect(a.state).toBe('running')
    expect(network.leftOvers()).toContain('b is suspended, and 7 callbacks wait')
    const beforeMs = network.clock.nowMs()
    b.resume()
    expect(ran).toEqual([])
    await network.clock.advance(0)
    expect(ran.slice(0, 6)).toEqual([
      'turn',
      'first timer',
      'data',
      'second timer',
      'its microtask',
      'third timer',
    ])
    expect(ran).not.toContain('cancelled')
    expect(network.clock.nowMs()).toBe(beforeMs)
    await network.clock.advance(1_000)
    expect(client.queuedBytes).toBe(0)
  })

  it('that is suspended again before everything has run keeps the rest, and later callbacks follow it', async () => {
    const network = createSimNetwork()
    const a = network.host('a')
    const ran: number[] = []
    for (const number of [1, 2, 3]) {
      a.environment.setTimer(number, () => {
        ran.push(number)
        if (number === 2) a.suspend()
      })
    }
    a.suspend()
    await network.clock.advance(10)
    a.resume()
    await network.clock.advance(10)
    expect(ran).toEqual([1, 2])
    a.resume()
    a.environment.setTimer(0, () => ran.push(4))
    await network.clock.advance(0)
    expect(ran).toEqual([1, 2, 3, 4])
    assertQuiet(network.clock, network)
  })

  it('learns of a reset that arrived meanwhile when it is resumed', async () => {
    const both = await joined(even)
    const { network, b, client } = both
    const { atServer } = recorded(both)
    b.suspend()
    client.abort()
    await network.clock.advance(1_000)
    expect(atServer.events).toEqual([])
    b.resume()
    await network.clock.advance(0)
    expect(atServer.events).toEqual(['close'])
  })

  it('gets its connection, or the reason why there is none, when it is resumed: only the first of both', async () => {
    const network = createSimNetwork(even)
    const [a, b] = [network.host('a'), network.host('b')]
    const accepted = await listenAt(b)
    const settled: string[] = []
    const connect = (timeoutMs: number) =>
      void connectFrom(a, 'b:5500', { timeoutMs }).then(
        () => settled.push(`connected, ${timeoutMs}`),
        ({ code }) => settled.push(`${code}, ${timeoutMs}`),
      )
    connect(15)
    connect(25)
    a.suspend()
    await network.clock.advance(100)
    expect(settled).toEqual([])
    a.resume()
    await network.clock.advance(10)
    expect(settled).toEqual(['CONNECT_TIMEOUT, 15', 'connected, 25'])
    expect(accepted).toHaveLength(2)
    expect(network.connections).toHaveLength(1)
  })

  it('settles drained() when it is resumed', async () => {
    const network = createSimNetwork({ ...even, windowBytes: 100 })
    const a = network.host('a', { highWatermarkBytes: 50 })
    const accepted = await listenAt(network.host('b'))
    const client = await network.clock.until(connectFrom(a))
    record(client)
    expect(client.send(patterned(200))).toBe('full')
    let drained = false
    void client.drained().then(() => {
      drained = true
    })
    a.suspend()
    record(accepted[0] as ByteStream)
    await network.clock.advance(100)
    expect(drained).toBe(false)
    a.resume()
    await network.clock.advance(0)
    expect(drained).toBe(true)
  })
})
