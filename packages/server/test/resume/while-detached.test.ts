import { contract, event, procedure } from '@frameport/protocol'
import { implement, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type JoinOptions, opened } from '../support/joined.ts'
import { joinReturning } from '../support/returning.ts'

const feed = contract('feed', {
  version: 1,
  procedures: { ping: procedure({}) },
  clientProcedures: { ask: procedure({ input: z.string(), output: z.string() }) },
  events: {
    line: event(z.string()),
    last: event(z.string(), { whenSlow: 'dropOldest' }),
    must: event(z.string(), { whenSlow: 'disconnect' }),
  },
})

function openFeed(options: Partial<ServerOptions<never>> = {}) {
  const { line, last, must } = feed.events
  return opened(implement(feed).handlers({ ping: () => undefined }), {
    onConnection: ({ connection }) => {
      for (const wanted of [line, last, must]) connection.subscribe(wanted as typeof line)
    },
    ...options,
  })
}

const serving: JoinOptions = {
  contracts: [{ ...feed.announcement, isBothWays: true }],
}

describe('A detached subscriber', () => {
  it('receives the events that it missed when it resumes, in order', async () => {
    const stage = openFeed()
    const client = await joinReturning(stage)
    await client.cut()
    for (const text of ['a', 'b', 'c']) stage.server.publish(feed.events.line, text)
    await client.comeBack()
    expect(client.events.map(({ body }) => (body as { value: unknown }).value)).toEqual(['a', 'b', 'c'])
    expect(client.gaps).toEqual([])
  })

  it.each(['line', 'last', 'must'] as const)(
    'does not delay publishers of "%s", and learns how many events had no room',
    async (name) => {
      const stage = openFeed({ limits: { slowSubscriberBytesMax: 16_384 } })
      const [other, client] = [await joinReturning(stage), await joinReturning(stage)]
      await client.cut()
      const wanted = feed.events[name] as typeof feed.events.line
      const text = 'x'.repeat(8_000)
      for (let number = 0; number < 200; number++) {
        const { reached, leftOut, waiting } = stage.server.publish(wanted, text)
        expect(reached + leftOut).toBe(2)
        expect(waiting).toBeLessThan(2)
        await stage.server.publish(wanted, text)
      }
      expect([other.events.length, client.connection.state]).toEqual([400, 'detached'])
      await client.comeBack()
      await stage.settle()
      const missed = client.gaps.reduce((sum, { events }) => sum + events, 0)
      expect(missed).toBeGreaterThan(100)
      expect(client.events.length + missed).toBe(400)
      expect(client.connection.state).toBe('open')
    },
  )
})

describe('A call to a detached client', () => {
  it('waits until the client resumes, and is answered', async () => {
    const stage = openFeed()
    const client = await joinReturning(stage, {
      ...serving,
      onCall: (call) => call.respond({ kind: 'value', value: 'yes' }),
    })
    await client.cut()
    const answer = client.connection.client(feed).ask('there?')
    await stage.settle()
    expect(client.calls).toEqual([])
    await client.comeBack()
    await expect(answer).resolves.toBe('yes')
    expect(client.calls).toHaveLength(1)
  })

  it('ends with its deadline, and is not sent after that', async () => {
    const stage = openFeed()
    const client = await joinReturning(stage, serving)
    await client.cut()
    const answer = client.connection.client(feed).ask('there?', { deadlineMs: 2_000 })
    answer.catch(() => undefined)
    await stage.settle()
    stage.clock.advance(2_000)
    await expect(answer).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    await client.comeBack()
    expect(client.calls).toEqual([])
  })

  it('fails if the client does not resume', async () => {
    const stage = openFeed({ limits: { resumeWindowMs: 1_000 } })
    const client = await joinReturning(stage, serving)
    await client.cut()
    const answer = client.connection.client(feed).ask('there?')
    answer.catch(() => undefined)
    await stage.settle()
    stage.clock.advance(1_000)
    await expect(answer).rejects.toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
  })
})
