import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/rpc-error.ts'
import { Fate, ReplacedSessions } from '../support/replaced-sessions.ts'
import { value } from '../support/sessions.ts'

describe('a call whose session was replaced', () => {
  it('is made again, whether or not it is idempotent, when the server says that it did not accept it', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const put = new Fate(world.client.put(7))
    await world.refuse()
    expect(world.servers[0]?.recorder.calls).toEqual([])
    expect(world.call).toMatchObject({ procedure: 'lines@1/put', input: value(7) })
    world.call.respond(value(8))
    await world.time.settle()
    expect(put.value).toBe(8)
    await world.end()
  })

  it('is made again, whether or not it is idempotent, when it was still queued', async () => {
    const world = new ReplacedSessions({ server: { limits: { callsInFlightMax: 0 } } })
    await world.time.settle()
    const put = new Fate(world.client.put(7))
    await world.replace({})
    world.call.respond(value(8))
    await world.time.settle()
    expect([put.value, world.made.length]).toEqual([8, 2])
    await world.end()
  })

  it('waits in the queue of the new session while that has no connection', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const put = new Fate(world.client.put(7))
    await world.refuse()
    expect(put.isPending).toBe(true)
    world.call.respond(value(8))
    await world.time.settle()
    expect(put.value).toBe(8)
    await world.end()
  })

  it('fails when it may have run and its procedure is not idempotent', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const put = new Fate(world.client.put(7))
    await world.time.settle()
    await world.replace()
    expect(put.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true, procedure: 'lines/put' })
    expect(world.calls).toEqual([])
    await world.end()
  })

  it('is made again when it may have run and its procedure is idempotent', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const get = new Fate(world.client.get(7, { metadata: { trace: 't1' } }))
    await world.time.settle()
    await world.replace()
    expect(world.call).toMatchObject({ input: value(7), metadata: { trace: 't1' } })
    world.call.respond(value(8))
    await world.time.settle()
    expect(get.value).toBe(8)
    await world.end()
  })

  it('fails when no other session replaced the one that ended', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const get = new Fate(world.client.get(7))
    await world.time.settle()
    world.clients[0]?.stream.abort()
    await world.time.settle()
    expect(get.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    expect(world.made).toHaveLength(1)
    await world.end()
  })

  it('fails when the client was closed', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const get = new Fate(world.client.get(7))
    await world.time.settle()
    world.again.close()
    await world.replace()
    expect(get.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    expect(world.made).toHaveLength(1)
    await world.end()
  })

  it.each(['UNAVAILABLE', 'INTERNAL'])(
    'fails with the error of its handler, whatever the code: %s',
    async (code) => {
      const world = new ReplacedSessions()
      await world.time.settle()
      const get = new Fate(world.client.get(7))
      await world.time.settle()
      const { call } = world
      world.connect()
      call.fail(new RpcError(code, 'not now', { retryAfterMs: 5 }))
      await world.time.settle()
      expect(get.error).toMatchObject({ code, message: 'not now', maybeExecuted: false, retryAfterMs: 5 })
      expect(world.made).toHaveLength(1)
      await world.end()
    },
  )

  it('is made again at most three times, and then fails', async () => {
    const noSlots = { limits: { callsInFlightMax: 0 } }
    const world = new ReplacedSessions({ server: noSlots })
    await world.time.settle()
    const put = new Fate(world.client.put(7))
    for (let moves = 1; moves <= 3; moves++) {
      await world.replace(noSlots)
      expect([put.isPending, world.made.length]).toEqual([true, moves + 1])
    }
    await world.replace(noSlots)
    expect(put.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect(world.made).toHaveLength(4)
    await world.end()
  })

  it('calls an interceptor once, although it is made again', async () => {
    let seen = 0
    const world = new ReplacedSessions({
      interceptors: [
        (call, next) => {
          seen += 1
          return next(call)
        },
      ],
    })
    await world.time.settle()
    const get = new Fate(world.client.get(7))
    await world.time.settle()
    await world.replace()
    world.call.respond(value(8))
    await world.time.settle()
    expect([get.value, seen, world.made.length]).toEqual([8, 1, 2])
    await world.end()
  })

  it('asks for a fingerprint for each session over which it is sent', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const get = new Fate(world.client.get(7))
    await world.time.settle()
    await world.replace()
    expect(world.fingerprintsOf).toEqual([0, 1])
    world.call.respond(value(8))
    await get.settled
    await world.end()
  })
})

describe('calls that may have run', () => {
  it('are made again while there are tokens, and successful calls earn new ones', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const lost = async (count: number) => {
      const gets = Array.from({ length: count }, () => new Fate(world.client.get(1)))
      await world.time.settle()
      await world.replace()
      const again = gets.filter(({ isPending }) => isPending).length
      for (const call of world.calls) call.fail(new RpcError('NOT_FOUND', 'an answer that is no success'))
      await world.time.settle()
      return again
    }
    const succeeded = async (count: number) => {
      for (let left = count; left > 0; left--) {
        const get = new Fate(world.client.get(1))
        await world.time.settle()
        world.call.respond(value(1))
        await get.settled
      }
    }
    // There are ten tokens, and five of them are reserved. The failed answers use up the rest.
    expect(await lost(8)).toBe(4)
    expect(await lost(1)).toBe(0)
    // One token is left. Successful calls earn five more, and the next call takes one of those six.
    await succeeded(50)
    expect(await lost(1)).toBe(0)
    await succeeded(11)
    expect(await lost(1)).toBe(1)
    expect(await lost(1)).toBe(0)
    await world.end()
  })

  it('take no token when they were not executed', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    for (let round = 0; round < 12; round++) {
      const put = new Fate(world.client.put(round))
      await world.refuse()
      expect(put.isPending).toBe(true)
      world.call.respond(value(round))
      await put.settled
      expect(put.value).toBe(round)
    }
    await world.end()
  })
})

describe('a call without an answer', () => {
  it('is made again, in the same order, when it was still queued', async () => {
    const world = new ReplacedSessions()
    const notes = [1, 2, 3].map((note) => new Fate(world.client.note(note)))
    await world.replace()
    await Promise.all(notes.map(({ settled }) => settled))
    expect(notes.map(({ error }) => error)).toEqual([undefined, undefined, undefined])
    expect(world.calls.map(({ input }) => input)).toEqual([value(1), value(2), value(3)])
    for (const call of world.calls) call.end()
    await world.end()
  })

  it('is not made again after it was handed to the connection, because it has settled', async () => {
    const world = new ReplacedSessions()
    await world.time.settle()
    const note = new Fate(world.client.note(1))
    await note.settled
    await world.replace()
    expect([note.error, world.made.length]).toEqual([undefined, 1])
    for (const call of world.servers[0]?.recorder.calls ?? []) call.end()
    await world.end()
  })
})
