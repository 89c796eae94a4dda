import { expect, it } from 'vitest'
import { Resumable, ResumeRecorder } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'

const KiB = 1024

/** Clients of one server that have lost their connections. The server keeps `keptBytes` for each. */
async function away(options: {
  clients: number
  keptBytes: number
  memoryBytesMax: number
  eventBytes?: number
}) {
  const { memoryBytesMax, eventBytes = 10_000 } = options
  const world = new Resumable({
    pair: { latencyMs: 10, windowBytes: 16 * KiB },
    client: { resumeBytes: 512 * KiB },
    server: { resumeBytes: 512 * KiB, slowSubscriberBytesMax: 2_000_000 },
    memoryBytesMax,
  })
  const clients = [world.client]
  const recorders = [world.clientSide]
  for (let count = 1; count < options.clients; count += 1) {
    const recorder = new ResumeRecorder()
    recorders.push(recorder)
    clients.push(world.newClient(recorder))
  }
  for (const client of clients) await world.connect(client)
  const sessions = world.servers.map(({ session }) => session)
  for (const { a } of world.pairs) a.abort()
  await world.time.advance(20)
  const emit = (text: string) => {
    const body = { kind: 'value', value: text.padEnd(eventBytes, '.') } as const
    for (const session of sessions) session.emit({ event: 'a/e', topic: '', body })
  }
  let events = 0
  for (; events * eventBytes < options.keptBytes; events += 1) emit(String(events))
  await world.time.advance(1_000)
  const held = () => world.host.memory.bytes
  const numbersOf = (recorder: ResumeRecorder) =>
    recorder.events.map(({ body }) => Number.parseInt(String((body as { value: unknown }).value), 10))
  return { world, clients, recorders, sessions, events, held, numbersOf }
}

type Away = Awaited<ReturnType<typeof away>>

const counted = (count: number) => Array.from({ length: count }, (_, number) => number)

async function comeBack({ world, clients, held }: Away): Promise<number> {
  for (const client of clients) world.attach(client)
  let mostBytes = 0
  for (let ms = 0; ms < 10_000; ms += 10) {
    await world.time.advance(10)
    mostBytes = Math.max(mostBytes, held())
  }
  return mostBytes
}

async function end({ world, clients }: Away): Promise<void> {
  await Promise.all([...clients.map((client) => client.close()), world.time.advance(60_000)])
  await quiet(world)
}

it('clients that return at the same time get what was kept for them, without twice the memory', async () => {
  const stage = await away({ clients: 8, keptBytes: 400 * KiB, memoryBytesMax: 4_000 * KiB })
  const { world, recorders, events, held, numbersOf } = stage
  const before = held()
  expect(before).toBeGreaterThan(8 * 390 * KiB)
  expect((await comeBack(stage)) / before).toBeLessThan(1.25)
  expect(world.host.memory.gaveUp).toBe(0)
  expect(recorders.map(numbersOf)).toEqual(recorders.map(() => counted(events)))
  await end(stage)
})

it('each session keeps a quarter when the memory of all sessions is nearly used up, and the rest waits', async () => {
  const stage = await away({ clients: 8, keptBytes: 400 * KiB, memoryBytesMax: 2_000 * KiB })
  const { world, sessions, recorders, events, numbersOf } = stage
  const kept = sessions.map((session) => session.stats().memory.keptBytes)
  expect(Math.max(...kept)).toBeLessThan(300 * KiB)
  await comeBack(stage)
  expect(world.host.memory.gaveUp).toBe(0)
  expect(recorders.map(numbersOf)).toEqual(recorders.map(() => counted(events)))
  await end(stage)
})

it('many clients get what they missed as fast as they read it, when the memory of all sessions is nearly used up', async () => {
  const stage = await away({ clients: 8, keptBytes: 400 * KiB, memoryBytesMax: 2_000 * KiB, eventBytes: 500 })
  const { world, clients, recorders, events } = stage
  for (const client of clients) world.attach(client)
  let tookMs = 0
  for (; recorders.some((recorder) => recorder.events.length < events) && tookMs < 60_000; tookMs += 10)
    await world.time.advance(10)
  // A client receives 16 KiB in 20 ms, and a session keeps about 250 KiB.
  expect(tookMs).toBeLessThan(450)
  expect(world.host.memory.gaveUp).toBe(0)
  await end(stage)
})
