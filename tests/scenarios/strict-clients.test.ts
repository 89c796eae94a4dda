import { safe } from '@frameport/client'
import { type Contract, contract, event, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { differing, implementation, type PairOptions, served } from './evolution/differing-pair.ts'
import { startedPair } from './started-pair.ts'

describe('A strict client', () => {
  const strict = (name: string, client: PairOptions['client'] = {}) =>
    differing(name, { client: { strict: true, ...client } })

  it('refuses the first call of a differing procedure before it is sent, and lists the differences', async () => {
    const { client, run, close, server } = await strict('refusing')
    const { error } = await run(safe(client.put({ name: 'Ada' })))
    expect(error).toMatchObject({
      code: 'FAILED_PRECONDITION',
      maybeExecuted: false,
      data: { differs: ['input', 'answer', 'errors'] },
    })
    expect(error?.message).toMatch(
      /^refusing\/put is not the same on both sides: they differ in: .*This client is strict\..*update the older one\.$/,
    )
    expect([...server.connections].map((one) => one.callsInFlight)).toEqual([0])
    await close()
  })

  it('refuses a differing stream at its first item, and allows calls of equal procedures', async () => {
    const { client, run, close } = await strict('streams')
    const item = await run(
      client
        .watch()
        .next()
        .catch((error: RpcError) => error),
    )
    expect(item).toMatchObject({ code: 'FAILED_PRECONDITION' })
    expect(await run(client.same({ name: 'a' }))).toEqual({ name: 'a' })
    await close()
  })

  it('does not listen to a differing event, and reports that', async () => {
    const failed: string[] = []
    const { client, run, close } = await strict('listening', {
      onSubscribeFailed: ({ event: name, error }) => void failed.push(`${name} ${error.code}`),
    })
    const heard: string[] = []
    for (const name of ['news', 'own'] as const) {
      const listening = client.$on(name, () => void heard.push(name))
      const { error } = await run(safe(listening.subscribed))
      expect(error).toMatchObject({ code: 'FAILED_PRECONDITION' })
    }
    await run(client.$on('other', ({ text }) => void heard.push(text)).subscribed)
    await run(client.same({ name: 'a' }))
    await run(client.same({ name: 'a' }))
    expect([failed, heard[0]]).toEqual([
      ['listening/news FAILED_PRECONDITION', 'listening/own FAILED_PRECONDITION'],
      'b',
    ])
    expect(heard).not.toContain('news')
    await close()
  })

  it('does not listen to an event if client and server differ in who subscribes to it', async () => {
    const stateOf = (subscribe: 'clients' | 'handlers') =>
      contract('subscribing', {
        version: 1,
        procedures: { same: procedure({}) },
        events: { news: event(z.string(), { subscribe }) },
      })
    for (const [own, other] of [
      ['clients', 'handlers'],
      ['handlers', 'clients'],
    ] as const) {
      const implemented = implement(stateOf(other)).handlers({ same: () => undefined })
      const { client, run, close } = await startedPair(stateOf(own), implemented as never, {
        server: { authorizeSubscribe: () => true } as never,
        client: {
          strict: true,
          onContractDifferences: () => undefined,
          onSubscribeFailed: () => undefined,
        },
      })
      const { error } = await run(safe(client.$on('news', () => undefined).subscribed))
      expect(error).toMatchObject({ code: 'FAILED_PRECONDITION' })
      expect(error?.message).toContain('they differ in: who subscribes')
      expect(await run(client.same())).toBeUndefined()
      await close()
    }
  })

  it('calls and listens immediately if the contracts are equal', async () => {
    const made = served('agreeing')
    const { client, server, run, close } = await startedPair(made, implementation(made), {
      server: { authorizeSubscribe: () => true } as never,
      client: { strict: true },
    })
    expect(await run(client.put({ name: 'Ada' }))).toEqual({ name: 'Ada' })
    const heard: string[] = []
    await run(client.$on('own', ({ text }) => void heard.push(text)).subscribed)
    server.publish(made.events.own, { text: 'a' })
    await run(client.same({ name: 'a' }))
    expect(heard).toEqual(['a'])
    await close()
  })

  it('observes the signal while it waits, and fails with UNAVAILABLE without a connection', async () => {
    const { client, run, close } = await strict('waiting')
    const abort = new AbortController()
    const given = safe(client.put({ name: 'a' }, { signal: abort.signal }))
    abort.abort()
    expect((await run(given)).error).toMatchObject({ code: 'CANCELLED' })
    await run(client.$close())
    expect((await run(safe(client.same({ name: 'a' })))).error).toMatchObject({ code: 'UNAVAILABLE' })
    await close()
  })

  it('refuses a version that the server does not serve, and lists the versions that it does', async () => {
    const made = served('old')
    const later: Contract = contract('old', { version: 2, procedures: { put: procedure({}) } })
    const { client, run, close } = await startedPair(later, implementation(made), {
      server: { authorizeSubscribe: () => true } as never,
      client: { strict: true, onContractDifferences: () => undefined },
    })
    const call = (client as unknown as { put(): Promise<void> }).put()
    const error = await run(call.catch((failure: RpcError) => failure))
    expect(RpcError.is(error) ? [error.code, error.message] : error).toEqual([
      'FAILED_PRECONDITION',
      expect.stringContaining('old/put is of version 2, but the server serves old in version 1.'),
    ])
    await close()
  })
})
