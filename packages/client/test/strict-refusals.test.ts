import { getEventListeners } from 'node:events'
import { type ClientOptions, safe } from '@frameport/client'
import { procedure } from '@frameport/protocol'
import { describedContract, outlinesOf } from '@frameport/protocol/contract'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answering, other, own, type Played, played, stateOf } from './support/played-states.ts'

const describing = answering(describedContract(other))

const strict = (server: Played, options: ClientOptions = {}) =>
  played(server, { strict: true, onSubscribeFailed: () => undefined, ...options })

/** A strict client that knows the differences of its server. */
async function knowing(server: Played) {
  const made = strict(server)
  await made.run(made.client.$connection.differences())
  return made
}

describe('the refusal of a strict client', () => {
  it('of a procedure has its fingerprints on both sides, and the differing parts', async () => {
    const { client, run } = await knowing({ describe: describing })
    const { error } = await run(safe(client.get()))
    expect(error).toMatchObject({
      code: 'FAILED_PRECONDITION',
      procedure: 'tiny/get',
      data: {
        server: other.announcement.fingerprints.get,
        client: own.announcement.fingerprints.get,
        differs: ['answer'],
      },
    })
    expect(error?.message).toMatch(
      /^tiny\/get is not the same on both sides: they differ in: output\.a\. This client is strict\./,
    )
  })

  it('of a procedure that the server does not have has nothing to compare', async () => {
    const { get: _, ...procedures } = describedContract(other).procedures
    const { client, run } = await knowing({
      describe: answering({ ...describedContract(other), procedures }),
    })
    const { error } = await run(safe(client.get()))
    expect(error?.data).toEqual({ client: own.announcement.fingerprints.get, differs: [] })
    expect(error?.message).toMatch(/both sides: it is not known to the server\. This/)
  })

  it('of an event has its fingerprints on both sides', async () => {
    const { client, run } = await knowing({ describe: describing })
    const { error } = await run(safe(client.$on('news', () => undefined).subscribed))
    expect(error).toMatchObject({
      code: 'FAILED_PRECONDITION',
      data: {
        server: other.announcement.eventFingerprints.news,
        client: own.announcement.eventFingerprints.news,
        differs: [],
      },
    })
    expect(error?.message).toMatch(
      /^tiny\/news is not the same on both sides: they differ in: payload\.a\. This/,
    )
  })

  it('of a procedure names its own differences, and not those of an event of the same name', async () => {
    const both = stateOf(z.object({ a: z.string() }), { news: procedure({ input: z.number() }) })
    const { client, run } = await knowing({
      announces: [both],
      describe: answering(describedContract(both)),
    })
    const { error } = await run(safe(client.news()))
    expect(error?.message).toMatch(/^tiny\/news is not the same on both sides: they differ in: input\. This/)
  })

  it('names no places if the differences of the member were not kept', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_100 }, (_, index) => [`output.m${index}`, 'h']))
    const places = { ...outlinesOf(own).procedures.get, ...many }
    const described = { ...describedContract(other), outlines: { procedures: { get: places }, events: {} } }
    const { client, run } = await knowing({ describe: answering(described) })
    const { error } = await run(safe(client.$on('news', () => undefined).subscribed))
    expect(error?.message).toMatch(/^tiny\/news is not the same on both sides\. This/)
  })

  it('of a version that the server does not serve lists the served ones, for calls and events', async () => {
    const versioned = (version: number) => stateOf(z.string(), {}, 'tiny', version)
    const { client, run } = strict({ announces: [versioned(3), versioned(2)] })
    const refusals = [safe(client.same()), safe(client.$on('news', () => undefined).subscribed)]
    for (const { error } of await run(Promise.all(refusals))) {
      expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', data: { serverVersions: [2, 3] } })
    }
  })
})

describe('a strict client that listens to events', () => {
  const heardWith = async (server: Played, options: ClientOptions) => {
    const { client, run, session, clock } = played(server, { onSubscribeFailed: () => undefined, ...options })
    await run(client.$connection.opened())
    await clock.settle()
    const heard: unknown[] = []
    client.$on('news', ({ a }) => void heard.push(a))
    // The event arrives before the listener is refused.
    session.emit({ event: 'tiny@1/news', topic: '', body: { kind: 'value', value: { a: 1 } } })
    await clock.settle()
    await run(client.$close())
    return heard
  }

  it.each<[string, Played]>([
    ['does not describe its contract', { describe: answering(undefined) }],
    ['did not announce the contract', { announces: [] }],
  ])('delivers none of a server that %s', async (_, server) => {
    expect(await heardWith(server, {})).toEqual([1])
    expect(await heardWith(server, { strict: true })).toEqual([])
  })
})

describe('a call of a strict client', () => {
  it('waits for the differences of the server', async () => {
    const { client, run, clock, calls } = strict({
      describe: (call) => void clock.setTimer(300, () => describing(call)),
    })
    await run(client.$connection.opened())
    const [refused, made] = [safe(client.get()), safe(client.same())]
    await clock.settle()
    expect(calls).toHaveLength(1)
    expect([(await run(refused)).error?.code, (await run(made)).ok]).toEqual(['FAILED_PRECONDITION', true])
    expect(clock.nowMs()).toBe(300)
  })

  it('with an aborted signal does not wait', async () => {
    const { client, run, clock } = strict({})
    const { error } = await run(safe(client.same({ signal: AbortSignal.abort() })))
    expect([error?.code, clock.nowMs()]).toEqual(['CANCELLED', 0])
  })

  it('removes its listener from the signal after it has waited', async () => {
    const { client, run } = strict({ describe: describing })
    const { signal } = new AbortController()
    const listeners = () => getEventListeners(signal, 'abort').length
    const waiting = safe(client.get({ signal }))
    expect(listeners()).toBe(1)
    expect((await run(waiting)).error?.code).toBe('FAILED_PRECONDITION')
    expect(listeners()).toBe(0)
  })

  it('is made with the rest of its deadline, even if the clock began long ago', async () => {
    const { client, run, clock } = strict({
      describe: (call) => void clock.setTimer(1_000, () => describing(call)),
      answer: () => undefined,
    })
    await run(client.$connection.opened())
    await clock.advance(970)
    const { error } = await run(safe(client.same({ deadlineMs: 70 })))
    expect([error?.code, clock.nowMs()]).toEqual(['DEADLINE_EXCEEDED', 1_040])
  })

  it('fails with UNAVAILABLE if the connection ends while it waits for the differences, and after that', async () => {
    const { client, run } = strict({})
    await run(client.$connection.opened())
    const waiting = safe(client.same())
    await run(client.$close())
    expect((await run(waiting)).error?.code).toBe('UNAVAILABLE')
    expect((await run(safe(client.same()))).error?.code).toBe('UNAVAILABLE')
  })
})
