import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, type EventLog, implement, memoryEventLog } from '@frameport/server'
import { createSimNetwork } from '@frameport/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'

const chat = contract('chat', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { line: event(z.object({ number: z.number(), text: z.string() }), { subscribe: 'clients' }) },
})
const { line } = chat.events
const text = 'x'.repeat(6_000)
const all = Array.from({ length: 20 }, (_, number) => number)

/**
 * A client and a server that can be replaced, with one log throughout. `seen` contains numbers of events, gaps and new
 * sessions.
 */
async function stage(log: EventLog, clientLimits: { readonly bodyBytesMax?: number } = {}) {
  const network = createSimNetwork({ seed: 1, latencyMs: 5 })
  const { clock } = network
  const there = network.host('there')
  const here = network.host('here')
  const serve = async () => {
    const server = createServer(implement(chat).handlers({ ping: () => undefined }), {
      environment: there.environment,
      log: false,
      authorizeSubscribe: () => true,
      eventLogs: [{ log, events: [line] }],
      limits: { resumeBytes: 65_536, slowSubscriberBytesMax: 30_000 },
    })
    await server.listen(there.acceptor(1))
    return server
  }
  const server = await serve()
  const seen: (number | string)[] = []
  const client = createClient(chat, here.connector('there:1'), {
    environment: here.environment,
    limits: clientLimits,
    onEventGap: ({ events }) => void seen.push(`gap of ${events}`),
    onSession: ({ isFirst, resumed }) => {
      if (!isFirst) seen.push(resumed ? 'resumed' : 'replaced')
    },
  })
  onTestFinished(() => void client.$close({ graceMs: 0 }))
  await clock.until(client.$on('line', ({ number }) => void seen.push(number)).subscribed)

  /** Publishes more than the session keeps for its client, which has no connection. */
  const publishInOutage = async () => {
    network.between(here, there).hold()
    for (const number of all.slice(0, 2)) server.publish(line, { number, text })
    for (const connection of network.connections) connection.cut('reset')
    await clock.advance(20)
    for (const number of all.slice(2)) server.publish(line, { number, text })
  }
  const replaceServer = async () => {
    there.kill()
    there.start()
    const second = await serve()
    onTestFinished(() => void second.close({ graceMs: 0 }))
    await clock.advance(60_000)
  }
  return { network, clock, there, here, server, seen, publishInOutage, replaceServer }
}

describe('Events of a log for which there is no room', () => {
  it('are read from the log when the session continues, without a gap', async () => {
    const { network, here, there, clock, server, seen, publishInOutage } = await stage(memoryEventLog())
    await publishInOutage()
    expect(server.stats().events.leftOut).toBe(0)
    network.between(here, there).release()
    await clock.advance(10_000)
    expect(seen).toEqual(['resumed', ...all])
  })

  it('arrive once and without a gap even if the session is replaced before all of them have arrived', async () => {
    const counts = new Set<number>()
    for (const afterMs of [0, 50, 100, 150, 200, 220, 240, 260, 280, 300, 400]) {
      const { network, here, there, clock, seen, publishInOutage, replaceServer } = await stage(
        memoryEventLog(),
      )
      await publishInOutage()
      // The client connects during this time, and receives the rest in a few round trips.
      network.between(here, there).configure({ bytesPerSecond: 1_000_000 })
      network.between(here, there).release()
      await clock.advance(afterMs)
      await replaceServer()
      const words = seen.filter((what) => typeof what === 'string')
      expect(words.filter((word) => word !== 'resumed')).toEqual(['replaced'])
      expect(seen.filter((what) => typeof what === 'number')).toEqual(all)
      counts.add(seen.indexOf('replaced'))
    }
    expect(counts.size).toBeGreaterThan(2)
  })

  it('are one gap, reported once, if the log has lost them', async () => {
    const log = memoryEventLog({ limits: { topicEventsMax: 4 } })
    const { network, here, there, clock, seen, publishInOutage, replaceServer } = await stage(log)
    await publishInOutage()
    network.between(here, there).release()
    await clock.advance(10_000)
    const before = seen.indexOf('gap of 0') - 1
    expect(seen).toEqual(['resumed', ...all.slice(0, before), 'gap of 0', ...all.slice(-4)])
    await replaceServer()
    expect(seen.slice(before + 6)).toEqual(['replaced'])
  })
})

it('an event of a log that is too long for a client is a gap, reported once, even if its session is replaced', async () => {
  const { clock, server, seen, replaceServer } = await stage(memoryEventLog(), { bodyBytesMax: 4_096 })
  server.publish(line, { number: 1, text: '' })
  server.publish(line, { number: 2, text })
  await clock.advance(1_000)
  expect(seen).toEqual([1, 'gap of 1'])
  await replaceServer()
  expect(seen).toEqual([1, 'gap of 1', 'replaced'])
})
