import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement, memoryEventLog } from '@frameport/server'
import { createSimNetwork } from '@frameport/testing'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'

const chat = contract('chat', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { line: event(z.object({ number: z.number(), text: z.string() }), { subscribe: 'clients' }) },
})

it('events that found no room are a gap, and come from the log all the same when the session is replaced behind it', async () => {
  const network = createSimNetwork({ seed: 1, latencyMs: 5 })
  const { clock } = network
  const there = network.host('there')
  const here = network.host('here')
  const eventLogs = [{ log: memoryEventLog(), events: [chat.events.line] }] as const
  const serve = async () => {
    const server = createServer(implement(chat).handlers({ ping: () => undefined }), {
      environment: there.environment,
      log: false,
      authorizeSubscribe: () => true,
      eventLogs,
      limits: { resumeBytes: 65_536, slowSubscriberBytesMax: 30_000 },
    })
    await server.listen(there.acceptor(1))
    return server
  }
  const first = await serve()
  const seen: (number | string)[] = []
  const client = createClient(chat, here.connector('there:1'), {
    environment: here.environment,
    onEventGap: ({ events }) => void seen.push(`gap of ${events}`),
    onSession: ({ isFirst, resumed }) => {
      if (!isFirst) seen.push(resumed ? 'resumed' : 'replaced')
    },
  })
  onTestFinished(() => void client.$close({ graceMs: 0 }))
  await clock.until(client.$on('line', ({ number }) => void seen.push(number)).subscribed)
  const text = 'x'.repeat(6_000)
  network.between(here, there).hold()
  for (const number of [0, 1]) first.publish(chat.events.line, { number, text })
  for (const connection of network.connections) connection.cut('reset')
  await clock.advance(20)
  for (let number = 2; number < 20; number++) first.publish(chat.events.line, { number, text })
  network.between(here, there).release()
  await clock.advance(10_000)
  const held = seen.filter((what) => typeof what === 'number')
  const missed = 20 - held.length
  expect(missed).toBeGreaterThan(0)
  expect(seen).toEqual(['resumed', ...held, `gap of ${missed}`])
  // The client has seen no event behind the gap: the last one that it has is the one in front of it.
  there.kill()
  there.start()
  const second = await serve()
  onTestFinished(() => void second.close({ graceMs: 0 }))
  await clock.advance(60_000)
  const rest = Array.from({ length: missed }, (_, at) => held.length + at)
  expect(seen.slice(held.length + 2)).toEqual(['replaced', ...rest])
})
