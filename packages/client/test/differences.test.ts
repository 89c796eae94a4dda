import { getEventListeners } from 'node:events'
import { type ClientOptions, safe } from '@frameport/client'
import { procedure, RpcError } from '@frameport/protocol'
import { describedContract, describeProcedure, outlinesOf } from '@frameport/protocol/contract'
import type { IncomingCall } from '@frameport/protocol/session'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answering, other, own, type Played, played, stateOf } from './support/played-states.ts'

const placesOf = (found: readonly { readonly member: string; readonly place: string }[] | undefined) =>
  found?.map(({ member, place }) => `${member} ${place}`)

describe('the request for the differences of the server', () => {
  it('is sent once, after the waiting calls, and only if the hashes differ', async () => {
    const { client, run, calls } = played({ describe: answering(describedContract(other)) })
    await run(Promise.all([client.same(), client.same()]))
    expect(placesOf(await run(client.$connection.differences()))).toEqual(['get output.a', 'news payload.a'])
    await run(client.same())
    expect(calls).toEqual(['tiny@1/same', 'tiny@1/same', describeProcedure, 'tiny@1/same'])
    const equal = played({ announces: [own] })
    await equal.run(equal.client.same())
    expect(equal.calls).toEqual(['tiny@1/same'])
    expect(await equal.run(equal.client.$connection.differences())).toEqual([])
  })

  it('finds the differing parts if the server has fingerprints only', async () => {
    const { outlines: _, ...older } = describedContract(other)
    const { client, run } = played({ describe: answering(older) })
    expect(placesOf(await run(client.$connection.differences()))).toEqual(['get output', 'news payload'])
  })

  it('finds all parts if its fingerprints have another form', async () => {
    const { outlines: _, ...foreign } = describedContract(other)
    const { client, run } = played({
      describe: answering({
        ...foreign,
        procedures: { ...foreign.procedures, get: 'x' },
        events: { news: 'y' },
      }),
    })
    expect(placesOf(await run(client.$connection.differences()))).toEqual([
      'get input',
      'get output',
      'get errors',
      'news payload',
      'news topic',
    ])
  })

  it.each<[string, (call: IncomingCall) => void]>([
    ['refuses', (call) => call.refuse(new RpcError('UNIMPLEMENTED', 'nobody has that'))],
    ['returns an empty body', (call) => call.respond({ kind: 'none' })],
    ['returns bytes', (call) => call.respond({ kind: 'raw', bytes: Uint8Array.of(1) })],
    ['returns another value', answering({ contract: 'tiny' })],
    ['never answers', () => undefined],
  ])('finds nothing, and affects no call, if the server %s', async (_, describe) => {
    const { client, run } = played({ describe })
    expect(await run(client.$connection.differences())).toBeUndefined()
    expect(await run(client.same())).toBeUndefined()
  })

  it('is not sent if the server announced nothing of the contract', async () => {
    const { client, run, calls } = played({ announces: [] })
    await run(client.same())
    expect(await run(client.$connection.differences())).toBeUndefined()
    expect(calls).toEqual(['tiny@1/same'])
  })

  it('is cancelled when the client closes', async () => {
    const { client, run, calls, clock } = played({})
    await run(client.same())
    const found = client.$connection.differences()
    const closed = client.$close()
    expect(await run(found)).toBeUndefined()
    await clock.settle()
    expect(calls).toContain('aborted')
    await run(closed)
  })

  it('does not prevent calls if the server takes one call at a time and answers late', async () => {
    const waiting: IncomingCall[] = []
    const { client, run, clock } = played({
      limits: { callsInFlightMax: 1 },
      describe: (call) => void waiting.push(call),
    })
    await run(client.same())
    await clock.settle()
    const second = client.same()
    waiting[0]?.respond({ kind: 'value', value: describedContract(other) })
    expect(await run(second)).toBeUndefined()
  })
})

describe('the contract of the server', () => {
  it('is requested by its name and its version', async () => {
    const asked: unknown[] = []
    const { client, run, calls } = played({
      describe: (call) => {
        asked.push(call.input)
        answering(describedContract(other))(call)
      },
    })
    await run(client.$connection.differences())
    expect([calls, asked]).toEqual([
      [describeProcedure],
      [{ kind: 'value', value: { contract: 'tiny', version: 1 } }],
    ])
  })

  it('is not reported if the same members have another hash', async () => {
    const told: unknown[] = []
    const { client, run } = played(
      { describe: answering(describedContract(own)) },
      { onContractDifferences: (found) => void told.push(found) },
    )
    expect(await run(client.$connection.differences())).toEqual([])
    expect(told).toEqual([])
  })

  it('is what the server announces under this name, and not under another one', async () => {
    const { client, run, calls } = played({
      announces: [stateOf(z.string(), { extra: procedure({}) }, 'large'), own],
    })
    expect(await run(client.$connection.differences())).toEqual([])
    expect(calls).toEqual([])
  })

  it('stays known as equal after the client has closed', async () => {
    const { client, run } = played({ announces: [own] })
    await run(client.same())
    await run(client.$close())
    expect(await run(client.$connection.differences())).toEqual([])
  })

  it('counts as one difference, with the versions in order, if the server has only other versions', async () => {
    const versioned = (version: number) => stateOf(z.string(), {}, 'tiny', version)
    const { client, run } = played({ announces: [versioned(10), versioned(9), versioned(2)] })
    expect(await run(client.$connection.differences())).toEqual([
      {
        kind: 'contract',
        member: '',
        place: '',
        outcome: 'fails',
        text: 'is version 1 of tiny, which the server does not serve: it serves version 2, 9, 10',
      },
    ])
  })
})

describe('the description that a hostile server sends', () => {
  const lying = (more: object) => ({ ...describedContract(other), ...more })

  it('is shown without control characters, and shortened', async () => {
    const name = `evil\u001b[31m${'x'.repeat(10_000)}`
    const { client, run } = played({
      describe: answering(
        lying({
          procedures: { ...describedContract(other).procedures, [name]: 'f' },
          outlines: { procedures: { get: { 'output.\u001b[2J': 'h' } }, events: {} },
        }),
      ),
    })
    const found = (await run(client.$connection.differences())) ?? []
    expect(found.length).toBeGreaterThan(2)
    for (const { member, place } of found) {
      expect(member.length).toBeLessThanOrEqual(200)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
      expect(`${member} ${place}`).not.toMatch(/\u001b/)
    }
  })

  it('is kept up to 1,000 differences, and the others are counted', async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => [`output.m${index}`, 'h'])
    const places = { ...outlinesOf(own).procedures.get, ...Object.fromEntries(many) }
    const { client, run } = played({
      describe: answering(lying({ outlines: { procedures: { get: places }, events: {} } })),
    })
    const found = (await run(client.$connection.differences())) ?? []
    expect(found).toHaveLength(1_001)
    expect(found.at(-1)).toEqual({
      kind: 'contract',
      member: '',
      place: '',
      outcome: 'unknown',
      text: '4001 more differences are not listed',
    })
  })

  it('does not change the prototype of an object through its names', async () => {
    const text = '{"__proto__":{"get":"f"},"constructor":"f"}'
    const { client, run } = played({ describe: answering(lying({ procedures: JSON.parse(text) })) })
    await run(client.$connection.differences())
    expect(({} as { get?: unknown }).get).toBeUndefined()
    expect(await run(client.same())).toBeUndefined()
  })
})

describe('a failure whose explanation the server has not sent yet', () => {
  it('waits for it for half a second, and no longer', async () => {
    const { client, run, clock } = played({})
    const startedMs = clock.nowMs()
    const { error } = await run(safe(client.get()))
    expect([error?.code, clock.nowMs() - startedMs]).toEqual(['INTERNAL', 500])
    expect(error?.message).not.toContain('different versions')
  })

  it('waits no longer than its own deadline', async () => {
    const { client, run, clock } = played({})
    const startedMs = clock.nowMs()
    const { error } = await run(safe(client.get({ deadlineMs: 40 })))
    expect([error?.code, clock.nowMs() - startedMs]).toEqual(['INTERNAL', 40])
  })

  it('is explained if the answer arrives in that time', async () => {
    const { client, run, clock } = played({
      describe: (call) =>
        void clock.setTimer(300, () => call.respond({ kind: 'value', value: describedContract(other) })),
    })
    const startedMs = clock.nowMs()
    const { error } = await run(safe(client.get()))
    expect(clock.nowMs() - startedMs).toBe(300)
    expect(error?.message).toMatch(/different versions of this procedure; they differ in: output\.a$/)
  })
})

describe('a strict client whose server does not send its differences', () => {
  const strict = (server: Played) => played(server, { strict: true })

  it.each<[string, Played]>([
    ['does not describe its contract', { describe: answering(undefined) }],
    ['announced nothing', { announces: [] }],
  ])('refuses every call: the server %s', async (_, server) => {
    const { client, run, calls } = strict(server)
    const { error } = await run(safe(client.same()))
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION' })
    expect(error?.message).toMatch(/^It is not known whether tiny\/same is the same on both sides/)
    expect(calls.filter((name) => name !== describeProcedure)).toEqual([])
  })

  it('has one listener on a signal that 50 waiting calls share, and none when they have ended', async () => {
    const { client, run, clock, calls } = strict({})
    const controller = new AbortController()
    const { signal } = controller
    const settled = Promise.all(Array.from({ length: 50 }, () => safe(client.same({ signal }))))
    await clock.settle()
    expect([calls, getEventListeners(signal, 'abort').length]).toEqual([[describeProcedure], 1])
    controller.abort()
    expect(new Set((await run(settled)).map(({ error }) => error?.code))).toEqual(new Set(['CANCELLED']))
    expect(getEventListeners(signal, 'abort').length).toBe(0)
  })

  it('enforces the deadline of a waiting call', async () => {
    const { client, run, clock } = strict({})
    const startedMs = clock.nowMs()
    const { error } = await run(safe(client.same({ deadlineMs: 70 })))
    expect([error?.code, clock.nowMs() - startedMs]).toEqual(['DEADLINE_EXCEEDED', 70])
  })

  it('sends the call with the rest of its deadline', async () => {
    const { client, run, clock, calls } = strict({
      describe: (call) =>
        void clock.setTimer(30, () => call.respond({ kind: 'value', value: describedContract(other) })),
    })
    const startedMs = clock.nowMs()
    expect((await run(safe(client.same({ deadlineMs: 70 })))).ok).toBe(true)
    expect([clock.nowMs() - startedMs, calls.at(-1)]).toEqual([30, 'tiny@1/same'])
  })

  it('reports that there is no connection once it is closed', async () => {
    const { client, run } = strict({ announces: [] })
    expect((await run(safe(client.same()))).error).toMatchObject({ code: 'FAILED_PRECONDITION' })
    await run(client.$close())
    expect((await run(safe(client.same()))).error).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('delivers no event that differs, although it would be valid', async () => {
    const wider = stateOf(z.object({ a: z.number(), b: z.string().optional() }))
    const server: Played = { announces: [wider], describe: answering(describedContract(wider)) }
    const heardBy = async (options: ClientOptions) => {
      const { client, run, session, clock } = played(server, options)
      await run(client.$connection.differences())
      const heard: unknown[] = []
      const listening = client.$on('news', (payload) => void heard.push(payload))
      // Events that arrive before the listener knows of the refusal count as well.
      session.emit({ event: 'tiny@1/news', topic: '', body: { kind: 'value', value: { a: 1 } } })
      await run(safe(listening.subscribed))
      await clock.settle()
      return heard
    }
    expect(await heardBy({})).toEqual([{ a: 1 }])
    expect(await heardBy({ strict: true, onSubscribeFailed: () => undefined })).toEqual([])
  })

  it('checks the options of a call before the call waits', async () => {
    const { client, run } = strict({})
    const { error } = await run(safe(client.same({ deadlineMs: Number.NaN })))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
