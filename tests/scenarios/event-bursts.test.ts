import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { recordingLog } from './setup.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'
import type { World } from './worlds/world.ts'
import { worlds } from './worlds/worlds.ts'

const subscribersCount = 100
const eventsCount = 5_000
const text = 'x'.repeat(1_000)

const feed = contract('feed', {
  version: 1,
  procedures: { join: procedure({}), nothing: procedure({}) },
  events: { news: event(z.object({ number: z.number(), text: z.string() })) },
})

const implementation = implement(feed).handlers({
  join: ({ connection }) => connection.subscribe(feed.events.news),
  nothing: () => undefined,
})

/** A memory world with the queue of a connection and roughly the buffers of a socket. */
const inMemory = () =>
  memoryWorld({
    chunking: 'merged',
    windowBytes: 256 * 1024,
    highWatermarkBytes: 256 * 1024,
    lowWatermarkBytes: 64 * 1024,
  })

const backEnds: readonly (readonly [string, () => World, string | undefined])[] = [
  ['memory', inMemory, undefined],
  ...worlds
    .filter(({ name }) => ['net', 'epoll', 'io_uring', 'iocp'].includes(name))
    .map(({ name, open, absent }) => [name, open, absent] as const),
]

/** The memory of the whole process, in which both sides of all connections run. */
function memoryNow(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const MiB = 1024 * 1024

describe(`${eventsCount} events of 1 KB that are published in one turn to ${subscribersCount} subscribers`, () => {
  for (const [name, openWorld, absent] of backEnds) {
    it.skipIf(absent !== undefined)(
      `in ${name} reach all of them, and are encoded and stored once`,
      { timeout: 120_000 },
      async () => {
        const world = openWorld()
        const { log, lines } = recordingLog()
        const { environment, port } = world
        const server = createServer(implementation, {
          log,
          ...(environment === undefined ? {} : { environment }),
          ...(port === undefined ? {} : { completionPort: port }),
        })
        const clients = await Promise.all(
          Array.from({ length: subscribersCount }, () => world.connect(server, feed)),
        )
        const heard = clients.map(() => 0)
        let outOfOrder = 0
        for (const [index, client] of clients.entries()) {
          client.$on('news', ({ number }) => {
            if (number !== heard[index]) outOfOrder++
            heard[index] = number + 1
          })
        }
        await world.run(Promise.all(clients.map((client) => client.join())))
        const before = memoryNow()
        let encodings = 0
        for (let number = 0; number < eventsCount; number++) {
          const toJSON = () => {
            encodings++
            return { number, text }
          }
          const payload = { number, text, toJSON }
          expect(server.publish(feed.events.news, payload).reached).toBe(subscribersCount)
        }
        const atMost = server.stats().events.bytesWaiting
        let peak = memoryNow()
        await world.eventually('all of them heard all', () => {
          peak = Math.max(peak, memoryNow())
          return heard.every((count) => count === eventsCount)
        })
        expect(encodings).toBe(eventsCount)
        expect(outOfOrder).toBe(0)
        // Each event counts once with its payload, its name and its object, not once for each of a hundred subscribers.
        expect(atMost).toBeLessThan(eventsCount * 1_400)
        // The events once, a queue of 256 KiB for each connection, and the references in a hundred queues.
        const grownBy = peak - before
        // biome-ignore lint/suspicious/noConsole: the measured figures are what one reads this test for.
        console.info(
          `${name}: ${(atMost / MiB).toFixed(1)} MiB waited, at most ${(grownBy / MiB).toFixed(0)} MiB more were in use`,
        )
        expect(grownBy).toBeLessThan(200 * MiB)
        expect(server.stats().events).toMatchObject({ bytesWaiting: 0, leftOut: 0, slowSubscribers: 0 })
        expect(lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
        expect(server.connections.size).toBe(subscribersCount)
        await world.close(server)
      },
    )
  }
})
