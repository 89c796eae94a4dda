import { connectNats } from '../../src/index.ts'

/** Uses everything, closes it, and must end by itself. */
const [url = '', how = ''] = process.argv.slice(2)
const broker = await connectNats({ servers: url, reconnectDelayMs: 20, connectTimeoutMs: 60_000 })
const topic = { event: 'chat@1/line', topic: '{}' }
const body = { encoding: 'codec' as const, bytes: new TextEncoder().encode('"x"') }
const member = broker.bus.join({ event: () => undefined, gap: () => undefined })
await member.listen(topic)
await member.publish({ ...topic, body })
const log = await broker.log()
const following = log.follow?.(topic, { event: () => undefined, missed: () => undefined })
await following?.ready
const place = await log.append({ ...topic, body })
await log.after({ ...topic, position: { ...place, number: 0 }, eventsMax: 10, bytesMax: 1_000 })
if (how === 'away') {
  process.stdout.write('ready\n')
  while (broker.state !== 'away') await new Promise((resolve) => setImmediate(resolve))
}
const late = Promise.resolve(log.append({ ...topic, body })).catch(() => undefined)
await broker.close()
await late
process.stdout.write('closed\n')
