import { createMemoryPair } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { lab } from './lab-contract.ts'
import { createLab } from './lab-handlers.ts'
import { startedPair } from './started-pair.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'
import { days30, make, refusal } from './wrong-options.ts'

describe('A running server', () => {
  it.each([
    [5, 'options is 5'],
    [null, 'options is null'],
    [{ backlogs: 5 }, 'did you mean backlog?'],
  ])('refuses %j as options of listen and close', async (options, text) => {
    const server = make({ backend: 'net' })
    const listening = server.listen('tcp://127.0.0.1:0', options as object)
    await expect(listening).rejects.toEqual(refusal('INVALID_OPTION', text))
    await expect(server.close(options as object)).rejects.toEqual(refusal('INVALID_OPTION', 'options'))
    await server.close()
  })

  it.each([
    ['the connection is undefined', undefined],
    ['the connection is null', null],
    [
      'the connection is an object without the methods send, drained, pause, resume',
      { start() {}, abort() {}, end() {} },
    ],
  ])('refuses invalid connections in accept: %s', async (text, stream) => {
    const server = make({})
    expect(() => server.accept(stream as never)).toThrow(refusal('INVALID_OPTION', text))
    expect(server.connections.size).toBe(0)
    await server.close()
  })

  it.each([null, 5, { remote: 'x' }, { remoteEndpoint: 5 }])(
    'refuses %j as the origin in accept',
    async (from) => {
      const server = make({})
      expect(() => server.accept(createMemoryPair().a, from as object)).toThrow(refusal('INVALID_OPTION', ''))
      await server.close()
    },
  )

  it.each(['send', 'end', 'abort'] as const)(
    'can close with its other connections, even if %s of a stream throws',
    async (method) => {
      const world = memoryWorld()
      const server = make({ environment: world.environment })
      const client = await world.connect(server, lab)
      await world.run(client.nothing())
      const pair = createMemoryPair({ clock: world.clock })
      const stream = Object.create(pair.a) as Record<string, unknown>
      const fail = () => {
        throw new Error(`${method} does not work`)
      }
      for (const name of ['start', 'send', 'pause', 'resume', 'end', 'abort', 'drained'] as const) {
        const own = (pair.a[name] as (...args: unknown[]) => unknown).bind(pair.a)
        stream[name] = name === method || (method === 'abort' && name === 'send') ? fail : own
      }
      Object.defineProperty(stream, 'queuedBytes', { get: () => pair.a.queuedBytes })
      server.accept(stream as never)
      await world.run(server.close())
      expect(server.connections.size).toBe(0)
      pair.a.abort()
      pair.b.abort()
      await world.close(server)
    },
  )

  it.each([Number.NaN, -1, '500', null])(
    'refuses to close with a graceMs of %s, and closes nothing',
    async (graceMs) => {
      const world = memoryWorld()
      const server = make({ environment: world.environment })
      const client = await world.connect(server, lab)
      await world.run(client.nothing())
      await expect(server.close({ graceMs: graceMs as number })).rejects.toEqual(
        refusal('INVALID_OPTION', 'graceMs'),
      )
      await expect(server.close({ announceMs: graceMs as number })).rejects.toEqual(
        refusal('INVALID_OPTION', 'announceMs'),
      )
      await world.run(client.nothing())
      await world.close(server)
    },
  )

  it.each([days30, Number.POSITIVE_INFINITY])(
    'waits for an open call during a graceMs of %d',
    async (graceMs) => {
      const { implementation, record } = createLab()
      const { server, client, clock, run, eventually, close } = await startedPair(lab, implementation, {
        server: { context: () => ({ user: 'guest' }) },
      })
      const waiting = client.wait({ text: 'late' })
      await eventually('it runs', () => record.release.has('late'))
      const closed = server.close({ graceMs })
      await clock.advance(10_000)
      record.release.get('late')?.()
      expect(await run(waiting)).toEqual({ text: 'late' })
      await run(closed)
      await close()
    },
  )
})
