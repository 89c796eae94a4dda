import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import type { EventHistory, EventLog, LogEntry, LogFollower } from '../../src/index.ts'
import { ServedLogs } from '../../src/workers/log/served-logs.ts'
import { WorkerLogs } from '../../src/workers/log/worker-logs.ts'

const opened: { close(): void }[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

const topic = { event: 'chat@1/line', topic: '{"room":"a"}' }
const id = Uint8Array.of(7, 7)
const at = (number: number) => ({ log: id, number })
const body = (text: string) => ({ encoding: 'codec' as const, bytes: new TextEncoder().encode(text) })

/** A log of one topic in memory, which informs its followers. */
function listLog() {
  const entries: LogEntry[] = []
  const followers = new Set<LogFollower>()
  const log: EventHistory = {
    append(event) {
      const entry = { position: at(entries.length + 1), body: event.body }
      entries.push(entry)
      for (const follower of followers) follower.event(entry, entries.length - 1)
      return entry.position
    },
    after: ({ position }) => ({
      entries: position === undefined ? [] : entries.slice(position.number),
      position: at(entries.length),
      isEnd: true,
      missed: 0,
    }),
    before: ({ position }) => ({
      entries: entries.slice(0, position === undefined ? undefined : position.number - 1),
      isStart: true,
    }),
    follow(_topic, follower) {
      followers.add(follower)
      return { stop: () => void followers.delete(follower) }
    },
  }
  return { log, entries, followers }
}

/** The log as a worker sees it. */
function seenByWorker(log: EventLog, logBytesMax = 1_000_000) {
  const { port1, port2 } = new MessageChannel()
  const served = new ServedLogs({ lines: log }, port1, { logBytesMax })
  const logs = new WorkerLogs(port2, { logBytesMax })
  opened.push(logs, served)
  return { seen: logs.log('lines'), logs, served }
}

function follower() {
  const told: (string | 'missed')[] = []
  const given: LogFollower = {
    event: (entry, previous) =>
      void told.push(`${previous}>${entry.position.number} ${new TextDecoder().decode(entry.body.bytes)}`),
    missed: () => void told.push('missed'),
  }
  return { told, given }
}

describe('A log of the main thread, in a worker', () => {
  it('appends, reads forwards and backwards, and follows', async () => {
    const { log } = listLog()
    const [one, two] = [seenByWorker(log), seenByWorker(log)]
    const { told, given } = follower()
    await two.seen.follow?.(topic, given).ready
    expect(await one.seen.append({ ...topic, body: body('first'), id: 'x' })).toEqual(at(1))
    expect(await two.seen.append({ ...topic, body: body('second') })).toEqual(at(2))
    const bounds = { eventsMax: 10, bytesMax: 1_000 }
    expect(await two.seen.after({ ...topic, position: at(1), ...bounds })).toEqual({
      entries: [{ position: at(2), body: body('second') }],
      position: at(2),
      isEnd: true,
      missed: 0,
    })
    expect(await one.seen.before({ ...topic, position: at(2), ...bounds })).toEqual({
      entries: [{ position: at(1), body: body('first') }],
      isStart: true,
    })
    await until(() => told.length === 2)
    expect(told).toEqual(['0>1 first', '1>2 second'])
  })

  it('keeps the name, code and text of errors, and rejects operations that the log does not have', async () => {
    const full = Object.assign(new RangeError('the disk is full'), { code: 'ENOSPC' })
    const log: EventLog = {
      append: () => Promise.reject(full),
      after: () => {
        throw full
      },
      follow: () => ({ ready: Promise.reject(full), stop() {} }),
    }
    const { seen } = seenByWorker(log)
    const same = { name: 'RangeError', code: 'ENOSPC', message: 'the disk is full' }
    const query = { ...topic, position: undefined, eventsMax: 1, bytesMax: 1 }
    await expect(seen.append({ ...topic, body: body('x') })).rejects.toMatchObject(same)
    await expect(seen.after(query)).rejects.toMatchObject(same)
    await expect(seen.follow?.(topic, follower().given).ready).rejects.toMatchObject(same)
    await expect(seen.before(query)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('is no longer followed when the worker stops following, or its thread ends', async () => {
    const { log, followers } = listLog()
    const { seen, logs } = seenByWorker(log)
    const one = seen.follow?.(topic, follower().given)
    const two = seen.follow?.(topic, follower().given)
    await Promise.all([one?.ready, two?.ready])
    expect(followers.size).toBe(2)
    one?.stop()
    one?.stop()
    await until(() => followers.size === 1)
    logs.close()
    await until(() => followers.size === 0)
    await expect(seen.append({ ...topic, body: body('late') })).rejects.toMatchObject({
      code: 'SERVER_CLOSED',
    })
  })

  it('makes a worker read the log if the worker has not received too many followed events', async () => {
    const { log } = listLog()
    const { seen } = seenByWorker(log, 10_000)
    const { told, given } = follower()
    await seen.follow?.(topic, given).ready
    // All in one turn, in which the worker receives nothing.
    for (let number = 0; number < 100; number++) log.append({ ...topic, body: body('x'.repeat(1_000)) })
    await until(() => told.includes('missed'))
    expect(told.filter((one) => one !== 'missed').length).toBeLessThan(10)
    expect(told.at(-1)).toBe('missed')
    log.append({ ...topic, body: body('later') })
    await until(() => told.at(-1) === '100>101 later')
  })

  it('passes on that events may be missing', async () => {
    const followed = vi.fn<NonNullable<EventLog['follow']>>(() => ({ stop() {} }))
    const { seen } = seenByWorker({ ...listLog().log, follow: followed })
    const { told, given } = follower()
    await seen.follow?.(topic, given).ready
    followed.mock.calls[0]?.[1].missed()
    await until(() => told.length === 1)
    expect(told).toEqual(['missed'])
  })
})
