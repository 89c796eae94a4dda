import { setTimeout as delay } from 'node:timers/promises'
import { probe } from '@frameport/iocp-core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { describeWithNats, NatsServer } from '../../../../tests/support/nats-server.ts'
import { Guest } from '../support/crowd.ts'
import { type Program, Programs } from '../support/program.ts'
import { startServer } from '../support/scripts.ts'

const programs = new Programs()
let nats: NatsServer
let guests: Guest[] = []

beforeEach(async () => {
  nats = await NatsServer.start()
})

afterEach(async () => {
  await Promise.all(guests.map((guest) => guest.leave()))
  guests = []
  await programs.endAll()
  await nats.close()
})

const rooms = ['lobby', 'garden', 'library', 'kitchen']
const guestsMax = 200
/**
 * The goal is 5 s, and the actual time is printed. Other suites that run at the same time use a part of the machine.
 */
const goOnMs = 15_000
const linesEach = 8

const backends = [
  { backend: 'net', absent: undefined },
  {
    backend: 'io_uring',
    absent: probe().find(({ backend, available }) => backend === 'io_uring' && !available),
  },
]

describeWithNats('two servers of one chat', () => {
  test.for(backends)(
    'share rooms, people and lines over $backend, whatever is killed: no confirmed line is lost, and none is shown twice',
    { timeout: 300_000 },
    async ({ backend, absent }, { skip }) => {
      if (absent !== undefined) skip(absent.reason)
      const start = async (port = '0') => {
        const args = ['--nats', nats.url, '--backend', backend, '--port', port]
        const started = await startServer(programs, ...args)
        expect(started.backend).toBe(backend)
        return started
      }
      const one = await start()
      const two = await start()
      const urls = [one, two].map(({ port }) => `tcp://127.0.0.1:${port}`)
      guests = Array.from({ length: guestsMax }, (_, at) => {
        const own = urls[at % 2]!
        return new Guest(`guest${at}`, rooms[at % rooms.length]!, [own, ...urls.filter((url) => url !== own)])
      })
      for (let at = 0; at < guestsMax; at += 20)
        await Promise.all(guests.slice(at, at + 20).map((guest) => guest.enter()))
      await expectAllToSeeAll()

      const speaking = Promise.all(
        guests.map(async (guest) => {
          for (let line = 1; line <= linesEach; line += 1) {
            await guest.say(`${guest.name} ${line}`)
            await delay(1_500 + Math.random() * 2_000)
          }
        }),
      )
      speaking.catch(() => undefined)
      await delay(2_000)
      const goneOnAfterMs = await killed(
        one.program,
        guests.filter((_, at) => at % 2 === 0),
      )
      process.stdout.write(
        `${backend}: all go on ${Math.round(goneOnAfterMs)} ms after the kill of a server\n`,
      )
      expect(goneOnAfterMs).toBeLessThan(goOnMs)
      await start(one.port)
      await delay(1_000)
      await nats.kill()
      await delay(1_000)
      await nats.start()
      await speaking

      for (const room of rooms) {
        const present = guests.filter((guest) => guest.room === room)
        const confirmed = present.flatMap((guest) => guest.confirmed)
        expect(confirmed).toHaveLength(present.length * linesEach)
        const order = present[0]!.shown
        for (const { name, shown } of present) {
          await vi
            .waitUntil(() => shown.length >= confirmed.length, { timeout: 30_000 })
            .catch(() => undefined)
          expect([...shown].sort(), `lines shown to ${name}`).toEqual([...confirmed].sort())
          expect(shown, `order of lines shown to ${name}`).toEqual(order)
        }
      }
      await expectAllToSeeAll()
    },
  )
})

/** Kills a server, and waits until its members are in their rooms again. @returns the time in milliseconds */
async function killed(program: Program, people: readonly Guest[]): Promise<number> {
  const atMs = performance.now()
  program.kill('SIGKILL')
  await program.end()
  await vi.waitUntil(() => people.every(({ losses, isPresent }) => losses > 0 && isPresent), {
    timeout: 60_000,
    interval: 20,
  })
  return performance.now() - atMs
}

/** Checks that all members of a room see each other, and none is away. */
async function expectAllToSeeAll(): Promise<void> {
  for (const room of rooms) {
    const present = guests.filter((guest) => guest.room === room)
    const names = present.map(({ name }) => name).sort()
    for (const guest of present)
      await expect.poll(() => [...guest.people].sort(), { timeout: 30_000 }).toEqual(names)
  }
}
