import { safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { connected, PlayedNetwork, tiny } from './support/played-network.ts'

describe('a strict client that calls in an outage', () => {
  const another = contract('tiny', {
    version: 1,
    procedures: { ping: procedure({ output: z.number() }), stay: procedure({ output: z.string() }) },
    events: { news: event(z.string(), { subscribe: 'clients' }) },
  }).announcement

  /** A call that is made after one server is gone and before the next is there. */
  async function between(before: typeof another, after: typeof another) {
    const network = new PlayedNetwork()
    network.server.announcement = before
    const { client } = await connected(network, { strict: true })
    network.server.mode = 'down'
    await network.cut()
    const call = safe(client.ping())
    const late = safe(client.ping({ deadlineMs: 1_000 }))
    const left = new AbortController()
    const aborted = safe(client.ping({ signal: left.signal }))
    const { subscribed } = client.$on('news', () => undefined)
    const listening = safe(subscribed)
    await network.clock.advance(2_000)
    left.abort()
    expect((await network.run(late)).error?.code).toBe('DEADLINE_EXCEEDED')
    expect((await network.run(aborted)).error?.code).toBe('CANCELLED')
    network.server.restart()
    network.server.announcement = after
    network.server.mode = 'up'
    const outcomes = await network.run(Promise.all([call, listening]))
    const told = outcomes.map(({ ok, error }) => (ok ? 'ok' : error.code))
    const reached = [network.server.pings.length > 0, network.server.subscriptions.length]
    expect(await network.leftOvers(client)).toEqual([])
    return [told, reached]
  }

  it('is judged by the next server, and not by the previous one', async () => {
    expect(await between(another, tiny.announcement)).toEqual([
      ['ok', 'ok'],
      [true, 1],
    ])
  })

  it('refuses what differs on the next server', async () => {
    const [told] = await between(tiny.announcement, another)
    expect(told).toEqual(['FAILED_PRECONDITION', 'FAILED_PRECONDITION'])
  })
})
