import { type EventBus, type Logger, memoryEventBus } from '@frameport/server'
import { afterEach, expect, test } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { ServerBeats, type ServerProcess } from '../../src/server/roster/server-beats.ts'
import { ManualClock } from '../support/manual-clock.ts'

const clock = new ManualClock()
let started: ServerBeats[] = []

afterEach(async () => {
  await Promise.all(started.map((beats) => beats.close()))
  started = []
  expect(clock.timers).toBe(0)
})

/** A server that reports its presence, and its log. */
async function server(bus: EventBus, id: string, process?: ServerProcess) {
  const logged: string[] = []
  const at = (level: string) => (facts: unknown, text?: string) =>
    void logged.push(
      `${level}: ${text?.replace('another server of this chat', (facts as { server: string }).server)}`,
    )
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const beats = new ServerBeats({ id, process, bus, clock, logger, onBeat: () => {} })
  started.push(beats)
  await beats.listen()
  beats.start({ url: `tcp://${id}:1`, token: 'x' })
  return { beats, logged }
}

test('each other server is logged once, however often it reports its presence', async () => {
  const bus = memoryEventBus()
  const one = await server(bus, 'one')
  const two = await server(bus, 'two')
  two.beats.say()
  one.beats.say()
  await until(() => one.logged.length > 0 && two.logged.length > 0)
  expect([one.logged, two.logged]).toEqual([['info: two has appeared'], ['info: one has appeared']])
})

test('a process of several threads is logged once, by one thread of each other process, and own threads are not logged', async () => {
  const bus = memoryEventBus()
  const threads = (id: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, index) => server(bus, `${id}${index}`, { id, logs: index === 0 })),
    )
  const here = await threads('here', 2)
  const there = await threads('there', 3)
  for (const { beats } of [...here, ...there]) beats.say()
  await until(() => [...here, ...there].every(({ logged }) => logged.length === 4))
  const shown = [...here, ...there].map(
    ({ logged }) => logged.filter((row) => !row.startsWith('debug')).length,
  )
  expect(shown).toEqual([1, 0, 1, 0, 0])
})

test('a server that ends is logged, a silent one causes a warning, and one that returns is logged again', async () => {
  const bus = memoryEventBus()
  const one = await server(bus, 'one')
  const two = await server(bus, 'two')
  await until(() => one.logged.length === 1)
  one.beats.gone('two', { hasSaidSo: false })
  // Other servers report the same.
  one.beats.gone('two', { hasSaidSo: false })
  one.beats.gone('nobody', { hasSaidSo: false })
  two.beats.say()
  await until(() => one.logged.length === 3)
  one.beats.gone('two', { hasSaidSo: true })
  expect(one.logged).toEqual([
    'info: two has appeared',
    'warn: two has gone silent',
    'info: two has appeared',
    'info: two has ended',
  ])
})
