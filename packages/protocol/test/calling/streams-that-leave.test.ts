import { describe, expect, it } from 'vitest'
import { Fate, ReplacedSessions } from '../support/replaced-sessions.ts'
import { value } from '../support/sessions.ts'

const line = (id: number) => value({ id, text: '' })

describe('a stream with resumeFrom whose session is left', () => {
  it('resumes over the next session after the last item that arrived, and is cancelled on the old one', async () => {
    const world = new ReplacedSessions()
    const stream = world.client.follow({ after: 0 })
    const first = new Fate(stream.next())
    await world.time.settle()
    const before = world.call
    before.sendItem(line(1))
    before.sendItem(line(2))
    await world.time.settle()
    const { session } = world
    world.connect()
    // This item is in flight when the stream leaves, so the next session sends it again.
    before.sendItem(line(3))
    world.again.leave(session)
    await world.time.settle()
    expect(before.signal.aborted).toBe(true)
    expect(world.call.input).toEqual(value({ after: 2 }))
    world.call.sendItem(line(3))
    const ids = [first.value?.value?.id]
    ids.push((await stream.next()).value?.id, (await stream.next()).value?.id)
    expect(ids).toEqual([1, 2, 3])
    world.call.end()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await world.end()
  })

  it('reports that its handler has begun when the handler of the next session has', async () => {
    const world = new ReplacedSessions()
    const started = new Fate(
      world.client
        .follow({ after: 0 })
        .started()
        .then(() => 'begun'),
    )
    await world.time.settle()
    const { session } = world
    world.connect()
    world.again.leave(session)
    await world.time.settle()
    expect(started.isPending).toBe(true)
    world.call.handlerStarted()
    await world.time.settle()
    expect(started.value).toBe('begun')
    await world.end()
  })

  it('does not move when it is on another session, has ended, or has no session to go to', async () => {
    const world = new ReplacedSessions()
    const { session: first } = world
    const ended = world.client.follow({ after: 0 })
    const left = world.client.follow({ after: 0 })
    const [asked, over] = [new Fate(ended.next()), new Fate(left.next())]
    await world.time.settle()
    world.calls[0]?.end()
    await left.return?.()
    await world.time.settle()
    expect([asked.value?.done, over.value?.done, world.again.streams.size]).toEqual([true, true, 0])
    const stays = new Fate(world.client.follow({ after: 0 }).next())
    await world.time.settle()
    world.again.leave(first)
    world.connect()
    await world.time.settle()
    const other = new Fate(world.client.follow({ after: 5 }).next())
    await world.time.settle()
    world.again.leave(world.session)
    await world.time.settle()
    expect([world.made.length, stays.isPending, other.isPending]).toEqual([4, true, true])
    await world.end()
  })

  it('is the only kind of call that leaves', async () => {
    const world = new ReplacedSessions()
    const get = new Fate(world.client.get(1))
    const listed = new Fate(world.client.list({ after: 0 }).next())
    await world.time.settle()
    const { session } = world
    const calls = [...world.calls]
    world.connect()
    world.again.leave(session)
    await world.time.settle()
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([false, false])
    calls[0]?.respond(value(2))
    calls[1]?.end()
    await world.time.settle()
    expect([get.value, listed.value?.done]).toEqual([2, true])
    await world.end()
  })
})

describe('a stream with resumeFrom that its server gives up at the end of its grace', () => {
  it('resumes over the next session', async () => {
    const world = new ReplacedSessions()
    const stream = world.client.follow({ after: 0 })
    const first = new Fate(stream.next())
    await world.time.settle()
    world.call.sendItem(line(1))
    await first.settled
    const { session } = world.server
    world.connect()
    void session.close({ graceMs: 1_000 })
    await world.time.advance(1_000)
    expect(world.call.input).toEqual(value({ after: 1 }))
    world.call.end()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await world.end()
  })
})
