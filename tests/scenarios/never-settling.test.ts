import { safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const never = () => new Promise<never>(() => undefined)

/** The contract of both sides. Validation of `at` never settles. */
const deskOf = (at?: 'input' | 'output' | 'topic') => {
  const text = (here: typeof at) => (at === here ? z.string().refine(never) : z.string())
  return contract('desk', {
    version: 1,
    procedures: { ask: procedure({ input: text('input'), output: text('output') }) },
    events: { news: event(z.string(), { topic: text('topic'), subscribe: 'clients' }) },
  })
}
const served = (at?: 'input' | 'output' | 'topic') =>
  implement(deskOf(at)).handlers({ ask: ({ input }) => input })

const allowed = { authorizeSubscribe: () => true }

describe.each(['input', 'output'] as const)(
  'A validator of the server that never settles, of an %s,',
  (at) => {
    it('does not delay the end of its call at the deadline', async () => {
      const { client, clock, run, close } = await startedPair(deskOf(), served(at), { server: allowed })
      const { error } = await run(safe(client.ask('x', { deadlineMs: 700 })))
      expect(error?.code).toBe('DEADLINE_EXCEEDED')
      expect(clock.nowMs()).toBeLessThan(1_000)
      await close()
    })

    it('does not delay the close of its client or of the server beyond their grace', async () => {
      for (const first of ['client', 'server'] as const) {
        const pair = await startedPair(deskOf(), served(at), { server: allowed })
        const asked = safe(pair.client.ask('x'))
        await pair.clock.settle()
        const beganAtMs = pair.clock.nowMs()
        const closing =
          first === 'client' ? pair.client.$close({ graceMs: 500 }) : pair.server.close({ graceMs: 500 })
        await pair.run(closing)
        expect(pair.clock.nowMs() - beganAtMs).toBeLessThanOrEqual(1_000)
        expect((await pair.run(asked)).error?.code).toMatch(/^(UNAVAILABLE|CANCELLED)$/)
        await pair.close()
      }
    })
  },
)

describe.each(['topic', 'authorizeSubscribe'] as const)('A subscription whose %s never settles', (at) => {
  it.each(['client', 'server'] as const)(
    'ends with the close of the %s, and does not delay it',
    async (first) => {
      let signal: AbortSignal | undefined
      const authorizeSubscribe = (facts: { readonly signal: AbortSignal }) => {
        signal = facts.signal
        return never()
      }
      const pair = await startedPair(deskOf(), at === 'topic' ? served('topic') : served(), {
        server: at === 'topic' ? allowed : { authorizeSubscribe },
        client: { reconnect: false },
      })
      const subscribed = safe(pair.client.$on('news', 'a', () => undefined).subscribed)
      await pair.run(pair.client.$connection.opened())
      await pair.clock.settle()
      const beganAtMs = pair.clock.nowMs()
      await pair.run(
        first === 'client' ? pair.client.$close({ graceMs: 500 }) : pair.server.close({ graceMs: 500 }),
      )
      expect(pair.clock.nowMs() - beganAtMs).toBeLessThanOrEqual(1_000)
      expect((await pair.run(subscribed)).error).toBeDefined()
      if (at === 'authorizeSubscribe') expect(signal?.aborted).toBe(true)
      await pair.close()
    },
  )
})

describe.each(['an interceptor', 'a validator'] as const)('%s of the caller that never settles', (what) => {
  it('keeps its own call pending, even beyond the deadline, but delays neither another call nor a close', async () => {
    let isStuck = true
    const pair = await startedPair(what === 'a validator' ? deskOf('output') : deskOf(), served(), {
      server: allowed,
      client:
        what === 'a validator' ? {} : { interceptors: [(call, next) => (isStuck ? never() : next(call))] },
    })
    let hasSettled = false
    const settled = () => {
      hasSettled = true
    }
    pair.client.ask('x', { deadlineMs: 100 }).then(settled, settled)
    await pair.clock.advance(1_000)
    isStuck = false
    if (what === 'an interceptor') expect(await pair.run(pair.client.ask('y'))).toBe('y')
    const beganAtMs = pair.clock.nowMs()
    await pair.run(pair.client.$close({ graceMs: 500 }))
    expect([pair.clock.nowMs() - beganAtMs <= 1_000, hasSettled]).toEqual([true, false])
    await pair.close()
  })
})
