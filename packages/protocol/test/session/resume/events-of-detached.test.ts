import { describe, expect, it } from 'vitest'
import { encodeEvent } from '../../../src/session/index.ts'
import { Resumable } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'
import { value } from '../../support/sessions.ts'

describe('events', () => {
  it('of a session without a connection arrive over the next one, each once and in order', async () => {
    const world = new Resumable()
    await world.connect()
    const emit = (number: number) =>
      world.server.session.emit({ event: 'a@1/e', topic: '', body: value(number) })
    emit(1)
    await world.time.settle()
    await world.cut()
    emit(2)
    emit(3)
    expect(await world.server.session.eventsSent()).toBe(true)
    await world.connect()
    emit(4)
    await world.time.settle()
    expect(world.clientSide.events.map(({ body }) => body)).toEqual([1, 2, 3, 4].map(value))
    await quiet(world)
  })

  it.each(['block', 'dropOldest', 'disconnect'] as const)(
    'with %s that exceed the queue leave a gap, and the session goes on',
    async (whenSlow) => {
      const world = new Resumable({ server: { slowSubscriberBytesMax: 4_000, slowSubscriberMs: 1_000 } })
      await world.connect()
      await world.cut()
      const { session } = world.server
      for (let number = 0; number < 100; number += 1)
        session.emit(
          encodeEvent(
            { event: 'a@1/e', topic: '', body: value({ number, filler: 'x'.repeat(1_000) }) },
            { whenSlow },
          ),
        )
      await world.time.advance(20_000)
      expect(session.state).toBe('detached')
      await world.connect()
      await world.time.advance(100)
      expect([session.state, world.client.state]).toEqual(['open', 'open'])
      const numbers = world.clientSide.events.map(
        ({ body }) => (body as { value: { number: number } }).value.number,
      )
      expect(numbers.length).toBeLessThan(100)
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      expect(world.clientSide.gaps.length).toBeGreaterThan(0)
      await quiet(world)
    },
  )

  it('of a session without a connection are drained when the next one has taken them, or never', async () => {
    const world = new Resumable({ server: { resumeBytes: 65_536 } })
    await world.connect()
    await world.cut()
    const { session } = world.server
    const emit = () => session.emit({ event: 'a@1/e', topic: '', body: value('x'.repeat(10_000)) })
    while (emit() !== 'waiting');
    const outcomes: unknown[] = []
    void session.eventsDrained().then((drained) => outcomes.push(drained))
    expect(await session.eventsSent()).toBe(true)
    expect(outcomes).toEqual([])
    await world.connect()
    await world.time.advance(100)
    expect([outcomes, await session.eventsDrained()]).toEqual([[true], true])
    await world.cut()
    while (emit() !== 'waiting');
    void session.eventsDrained().then((drained) => outcomes.push(drained))
    session.abort({ code: 'ABORTED', message: 'enough' })
    expect(await session.eventsDrained()).toBe(false)
    expect(outcomes).toEqual([true, false])
    await quiet(world)
  })
})
