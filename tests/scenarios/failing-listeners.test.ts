import { type ClientOptions, type Connector, createClient } from '@frameport/client'
import { createMemoryPair } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { reachingProcess, waysToFail } from '../support/failing-callbacks.ts'
import { lab } from './lab-contract.ts'
import { setStage } from './setup.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

/** A client that joined a room with a failing listener, and the events of a second listener. */
async function listen(options: ClientOptions, listener: () => unknown) {
  const world = memoryWorld()
  const { server } = setStage(world)
  const heard: string[] = []
  const reached = await reachingProcess(async () => {
    const client = await world.connect(server, lab, options)
    client.$on('line', { room: 'lobby' }, listener as () => void)
    client.$on('line', { room: 'lobby' }, ({ text }) => void heard.push(text))
    await world.run(client.join({ room: 'lobby' }))
    server.publish(lab.events.line, { room: 'lobby' }, { text: 'first' })
    await world.run(client.echo({ text: 'between' }))
    server.publish(lab.events.line, { room: 'lobby' }, { text: 'second' })
    await world.run(client.echo({ text: 'after' }))
    await world.close(server)
  })
  return { heard, reached }
}

describe('A listener of a client', () => {
  it.each(waysToFail)(
    'that %s is reported to onUncaught, and the other listeners receive later events',
    async (_way, fail) => {
      const thrown = new Error('from the listener')
      const told: unknown[] = []
      const seen = await listen({ onUncaught: (error) => void told.push(error) }, () => fail(thrown))
      expect(seen).toEqual({ heard: ['first', 'second'], reached: { uncaught: [], unhandled: [] } })
      expect(told).toEqual([thrown, thrown])
    },
  )

  it.each(waysToFail)('that %s causes an uncaught exception without onUncaught', async (_way, fail) => {
    const thrown = new Error('from the listener')
    const seen = await listen({}, () => fail(thrown))
    expect(seen).toEqual({
      heard: ['first', 'second'],
      reached: { uncaught: [thrown, thrown], unhandled: [] },
    })
  })
})

describe('An onUncaught', () => {
  it.each(waysToFail)('that %s causes an uncaught exception', async (_way, fail) => {
    const second = new Error('from onUncaught')
    const options = { onUncaught: () => fail(second) as undefined }
    const seen = await listen(options, () => Promise.reject(new Error('from the listener')))
    expect(seen).toEqual({
      heard: ['first', 'second'],
      reached: { uncaught: [second, second], unhandled: [] },
    })
  })
})

describe('An interceptor', () => {
  it.each(waysToFail)('that %s fails the call, and its error reaches nothing else', async (_way, fail) => {
    const world = memoryWorld()
    const { server } = setStage(world)
    const thrown = new Error('from the interceptor')
    const reached = await reachingProcess(async () => {
      const client = await world.connect(server, lab, {
        interceptors: [() => fail(thrown) as Promise<never>],
      })
      const failure = { code: 'UNKNOWN', cause: thrown }
      await expect(world.run(client.echo({ text: 'a' }))).rejects.toMatchObject(failure)
      const items = client.count({ to: 3 })
      await expect(world.run(items[Symbol.asyncIterator]().next())).rejects.toMatchObject(failure)
      await world.close(server)
    })
    expect(reached).toEqual({ uncaught: [], unhandled: [] })
  })
})

describe('A connector', () => {
  const never: Connector = { url: 'test:', connect: () => new Promise(() => {}) }

  it.each(waysToFail)('whose connect %s counts as a failed connection', async (_way, fail) => {
    const thrown = new Error('no way')
    const reached = await reachingProcess(async () => {
      const client = createClient(lab, { ...never, connect: () => fail(thrown) as Promise<never> })
      await expect(client.nothing()).rejects.toMatchObject({ code: 'UNAVAILABLE', cause: thrown })
      expect(await client.$connection.closed()).toMatchObject({ code: 'CONNECTION_LOST', cause: thrown })
    })
    expect(reached).toEqual({ uncaught: [], unhandled: [] })
  })

  it.each([
    ['nothing', undefined],
    ['a text', 'tcp'],
    ['an object that is not a stream', {}],
  ])('that connects to %s counts as a failed connection', async (_what, stream) => {
    const reached = await reachingProcess(async () => {
      const client = createClient(lab, { ...never, connect: async () => stream as never })
      await expect(client.nothing()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(await client.$connection.closed()).toMatchObject({ code: 'CONNECTION_LOST' })
    })
    expect(reached).toEqual({ uncaught: [], unhandled: [] })
  })

  it('that returns a stream in use leaves the stream open', async () => {
    const { a } = createMemoryPair()
    const closed: unknown[] = []
    a.start({ data() {}, end() {}, drain() {}, close: (error) => void closed.push(error) })
    const client = createClient(lab, { ...never, connect: async () => a })
    await expect(client.nothing()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect([a.state, closed]).toEqual(['open', []])
    a.abort()
  })

  it.each(waysToFail)('whose release %s is reported to onUncaught', async (_way, fail) => {
    const thrown = new Error('from release')
    const told: unknown[] = []
    const reached = await reachingProcess(async () => {
      const connector = { ...never, release: () => fail(thrown) as undefined }
      const client = createClient(lab, connector, { onUncaught: (error) => void told.push(error) })
      await client.$close()
    })
    expect(reached).toEqual({ uncaught: [], unhandled: [] })
    expect(told).toEqual([thrown])
  })
})
