import { contract, procedure } from '@frameport/protocol'
import type { Goaway } from '@frameport/protocol/session'
import { implement, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { type Joined, join, type Opened, opened } from '../support/joined.ts'
import { joinReturning } from '../support/returning.ts'

const desk = contract('desk', { version: 1, procedures: { wait: procedure({}), ping: procedure({}) } })

const openDesk = (options: Partial<ServerOptions<never>> = {}) =>
  opened(
    implement(desk).handlers({ wait: () => new Promise(() => undefined), ping: () => undefined }),
    options,
  )

/** A client that records each GOAWAY that it receives. */
async function joinListening(stage: Opened): Promise<Joined & { readonly goaways: Goaway[] }> {
  const goaways: Goaway[] = []
  const joined = await join(stage, {
    limits: { heartbeatIntervalMs: 0 },
    handlers: { goaway: (goaway) => void goaways.push(goaway) },
  })
  return Object.assign(joined, { goaways })
}

const announced = { isFinal: false, retryAfterMs: undefined }
const final = { isFinal: true, retryAfterMs: undefined }

const pass = async ({ clock, settle }: Opened, ms: number) => {
  clock.advance(ms)
  await settle()
}

describe('A server that announces its end', () => {
  it('still accepts calls and connections during the announcement, refuses both after it, and closes after its grace period', async () => {
    const stage = openDesk()
    const client = await joinListening(stage)
    const closed = stage.server.close({ announceMs: 4_000, graceMs: 1_000 })
    await stage.settle()
    expect(client.goaways).toEqual([announced])
    await expect(stage.until(client.call('desk@1/ping'))).resolves.toBeUndefined()
    const late = await joinListening(stage)
    expect(late.goaways).toEqual([announced])
    await expect(late.call('desk@1/ping')).resolves.toBeUndefined()
    const open = client.call('desk@1/wait')
    open.catch(() => undefined)
    await pass(stage, 4_000)
    expect(client.goaways).toEqual([announced, final])
    await expect(client.call('desk@1/ping')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      maybeExecuted: false,
    })
    await expect(joinListening(stage)).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
    expect(client.connection.state).toBe('draining')
    await pass(stage, 1_000)
    await expect(open).rejects.toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    await stage.until(closed)
    expect([stage.server.connections.size, stage.clock.timers]).toEqual([0, []])
  })

  it('refuses to listen at another address', async () => {
    const stage = openDesk()
    void stage.server.close({ announceMs: 1_000 })
    await expect(stage.server.listen('tcp://127.0.0.1:0')).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
  })

  it('informs its clients one after the other, in the first half of the announcement', async () => {
    const stage = openDesk()
    const clients = [await joinListening(stage), await joinListening(stage), await joinListening(stage)]
    const told = () => clients.filter(({ goaways }) => goaways.length === 1).length
    void stage.server.close({ announceMs: 6_400 })
    await stage.settle()
    expect(told()).toBe(1)
    await pass(stage, 50)
    expect(told()).toBe(2)
    await pass(stage, 50)
    expect(told()).toBe(3)
  })

  it('informs each of 200 clients once, within the first half of the announcement', async () => {
    const stage = openDesk()
    const clients: Awaited<ReturnType<typeof joinListening>>[] = []
    for (let count = 0; count < 200; count++) clients.push(await joinListening(stage))
    void stage.server.close({ announceMs: 2_000 })
    await pass(stage, 1_000)
    expect(clients.map(({ goaways }) => goaways)).toEqual(clients.map(() => [announced]))
    await stage.until(stage.server.close({ graceMs: 0 }))
    expect(stage.server.connections.size).toBe(0)
  })

  it('waits for the whole announcement even without clients, because clients may still arrive', async () => {
    const stage = openDesk()
    let isClosed = false
    void stage.server.close({ announceMs: 5_000 }).then(() => {
      isClosed = true
    })
    await pass(stage, 4_999)
    expect(isClosed).toBe(false)
    await pass(stage, 1)
    expect(isClosed).toBe(true)
  })

  it('lets clients resume detached sessions during the announcement, and ends detached sessions after it', async () => {
    const stage = openDesk()
    const [returning, gone] = [await joinReturning(stage), await joinReturning(stage)]
    await returning.cut()
    await gone.cut()
    const closed = stage.server.close({ announceMs: 1_000 })
    await returning.comeBack()
    expect(returning.resumes).toBe(1)
    await pass(stage, 1_000)
    await stage.until(closed)
    expect([returning.connection.state, gone.connection.state]).toEqual(['closed', 'closed'])
  })

  it('refuses new work immediately if the announcement has no length', async () => {
    const stage = openDesk()
    const client = await joinListening(stage)
    const open = client.call('desk@1/wait')
    open.catch(() => undefined)
    await stage.settle()
    void stage.server.close()
    await stage.settle()
    expect(client.goaways).toEqual([final])
    await expect(joinListening(stage)).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
  })
})

describe('A server that is asked to close again', () => {
  it.each([
    ['with a shorter announcement', { announceMs: 100 }, 100, 5_000],
    ['with a grace period, and therefore without an announcement', { graceMs: 700 }, 0, 700],
    ['with both', { announceMs: 100, graceMs: 700 }, 100, 700],
    ['with nothing', {}, 10_000, 5_000],
    ['with later ends', { announceMs: 60_000, graceMs: 60_000 }, 10_000, 5_000],
  ])('%s, uses the earlier end of the two', async (_what, again, announceMs, graceMs) => {
    const stage = openDesk()
    const client = await joinListening(stage)
    client.call('desk@1/wait').catch(() => undefined)
    await stage.settle()
    const closed = stage.server.close({ announceMs: 10_000 })
    expect(stage.server.close(again)).toBe(closed)
    if (announceMs > 0) {
      await pass(stage, announceMs - 1)
      expect(client.connection.state).toBe('open')
      await pass(stage, 1)
    }
    await stage.settle()
    expect(client.connection.state).toBe('draining')
    await pass(stage, graceMs - 1)
    expect(client.connection.state).toBe('draining')
    await pass(stage, 1)
    expect(client.connection.state).toBe('closed')
    await stage.until(closed)
    expect(stage.clock.timers).toEqual([])
  })

  it('stops waiting without a time limit when it is asked again', async () => {
    const stage = openDesk({ limits: { heartbeatIntervalMs: 0 } })
    const client = await joinListening(stage)
    const closed = stage.server.close({
      announceMs: Number.POSITIVE_INFINITY,
      graceMs: Number.POSITIVE_INFINITY,
    })
    await pass(stage, 2 ** 33)
    expect([client.connection.state, client.goaways]).toEqual(['open', [announced]])
    await stage.until(stage.server.close({ graceMs: 0 }))
    await closed
    expect([stage.server.connections.size, stage.clock.timers]).toEqual([0, []])
  })

  it.each([
    [{ announceMs: -1 }, 'announceMs is -1'],
    [{ announceMs: Number.NaN }, 'announceMs is NaN'],
    [{ graceMs: '5' }, 'graceMs is "5"'],
    [{ anounceMs: 5 }, 'did you mean announceMs?'],
  ])('refuses %o, and closes nothing', async (wrong, text) => {
    const stage = openDesk()
    const client = await joinListening(stage)
    await expect(stage.server.close(wrong as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
    })
    expect(client.connection.state).toBe('open')
  })
})
