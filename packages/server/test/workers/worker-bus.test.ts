import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import type { BusEvent, BusReceiver } from '../../src/index.ts'
import { WorkerBus } from '../../src/workers/bus/worker-bus.ts'

const buses: WorkerBus[] = []
afterEach(() => {
  for (const bus of buses.splice(0)) bus.close()
})

const limits = { busWindowBytes: 10_000, busBytesMax: 40_000, busStalledMs: 300 }
const topic = { event: 'chat@1/line', topic: '{"room":"a"}' }
const other = { event: 'chat@1/line', topic: '{"room":"b"}' }

function busOf(given: Partial<typeof limits> = {}) {
  const fellBehind = vi.fn<(worker: number) => void>()
  const bus = new WorkerBus({ limits: { ...limits, ...given }, fellBehind })
  buses.push(bus)
  return { bus, fellBehind }
}

/** @param carry false: the second side does not read its port, like a blocked thread */
function connect(one: WorkerBus, two: WorkerBus, carry = true) {
  const { port1, port2 } = new MessageChannel()
  one.connect({ worker: 2, port: port1, interests: two.interests })
  const begin = () => two.connect({ worker: 1, port: port2, interests: one.interests })
  if (carry) begin()
  return { begin, port1, port2 }
}

function receiver() {
  const seen: (string | 'gap')[] = []
  const given: BusReceiver = {
    event: ({ topic, body }) => void seen.push(`${topic} ${Buffer.from(body.bytes).toString()}`.trim()),
    gap: () => void seen.push('gap'),
  }
  return { seen, given }
}

function eventOf(text: string, at = topic): BusEvent {
  return { ...at, body: { encoding: 'codec', bytes: Buffer.from(text) } }
}

describe('The bus of workers', () => {
  it('delivers events to listeners in the order of their publisher, and to no other member', async () => {
    const [{ bus: one }, { bus: two }, { bus: three }] = [busOf(), busOf(), busOf()]
    connect(one, two)
    connect(one, three)
    connect(two, three)
    const [publisher, listener, stranger] = [receiver(), receiver(), receiver()]
    const from = one.join(publisher.given)
    await from.listen(topic)
    await two.join(listener.given).listen(topic)
    await three.join(stranger.given).listen(other)
    for (let number = 0; number < 200; number++) await from.publish(eventOf(`${number}`))
    await until(() => listener.seen.length === 200)
    expect(listener.seen).toEqual(Array.from({ length: 200 }, (_, number) => `{"room":"a"} ${number}`))
    expect([publisher.seen, stranger.seen]).toEqual([[], []])
  })

  it('sends nothing to a worker without listeners', async () => {
    const [{ bus: one }, { bus: two }] = [busOf(), busOf()]
    const { port1 } = connect(one, two)
    const member = two.join(receiver().given)
    await member.listen(topic)
    member.ignore(topic)
    const posted = vi.spyOn(port1, 'postMessage')
    one.join(receiver().given).publish(eventOf('unheard'))
    await Promise.resolve()
    expect(posted).not.toHaveBeenCalled()
  })

  it('delivers events between two servers of one worker', async () => {
    const { bus } = busOf()
    const heard = receiver()
    const member = bus.join(heard.given)
    await member.listen(topic)
    const from = bus.join(receiver().given)
    from.publish(eventOf('here'))
    from.publish(eventOf('elsewhere', other))
    expect(heard.seen).toEqual(['{"room":"a"} here'])
    member.leave()
    from.publish(eventOf('late'))
    expect(heard.seen).toHaveLength(1)
  })

  it('gives each receiver its own bytes, with their encoding', async () => {
    const [{ bus: one }, { bus: two }] = [busOf(), busOf()]
    connect(one, two)
    const events: BusEvent[] = []
    await two.join({ event: (event) => void events.push(event), gap() {} }).listen(topic)
    const pool = Buffer.from('a line of a large pool')
    const from = one.join(receiver().given)
    from.publish({ ...topic, body: { encoding: 'raw', bytes: pool.subarray(2, 6) } })
    from.publish({ ...topic, body: { encoding: 'none', bytes: new Uint8Array(0) } })
    await until(() => events.length === 2)
    expect(events.map(({ body }) => [body.encoding, body.bytes.buffer.byteLength])).toEqual([
      ['raw', 4],
      ['none', 0],
    ])
    expect(pool.toString()).toBe('a line of a large pool')
  })

  it('lets publishers wait while a worker has more than its window, and continue when the worker has read', async () => {
    const [{ bus: one }, { bus: two }] = [busOf(), busOf()]
    connect(one, two)
    const heard = receiver()
    await two.join(heard.given).listen(topic)
    const from = one.join(receiver().given)
    const first = from.publish(eventOf('x'.repeat(6_000)))
    const second = from.publish(eventOf('y'.repeat(6_000)))
    expect([first, second]).toEqual([undefined, expect.any(Promise)])
    await second
    expect(heard.seen).toHaveLength(2)
  })

  it('skips a blocked worker, reports a gap to it, and keeps no more than busBytesMax for it', async () => {
    const { bus: one, fellBehind } = busOf()
    const { bus: two } = busOf()
    const { begin, port1 } = connect(one, two, false)
    const heard = receiver()
    // The worker listened before it was blocked.
    void two.join(heard.given).listen(topic)
    const posted = vi.spyOn(port1, 'postMessage')
    const from = one.join(receiver().given)
    for (let number = 0; number < 100; number++) from.publish(eventOf(`${number}`.padEnd(2_000, '.')))
    await from.publish(eventOf('nobody waits for it'))
    expect(fellBehind.mock.calls).toEqual([[2]])
    const bytes = posted.mock.calls
      .flatMap(([{ events = [] }]) => events as readonly { readonly length: number }[])
      .reduce((sum, { length }) => sum + length, 0)
    expect(bytes).toBeGreaterThan(20_000)
    expect(bytes).toBeLessThanOrEqual(limits.busBytesMax)
    begin()
    await until(() => heard.seen.includes('gap'))
    await from.publish(eventOf('later'))
    await until(() => heard.seen.at(-1)?.endsWith('later') === true)
    expect(heard.seen.filter((seen) => seen === 'gap')).toHaveLength(1)
    // The events before the gap are complete.
    const before = heard.seen
      .slice(0, heard.seen.indexOf('gap'))
      .map((seen) => Number.parseInt(seen.slice(13), 10))
    expect(before).toEqual(before.map((_, index) => index))
  })

  it('lets publishers that wait for a blocked worker continue after busStalledMs', async () => {
    const { bus: one, fellBehind } = busOf({ busStalledMs: 50 })
    const { bus: two } = busOf()
    const { begin } = connect(one, two, false)
    const heard = receiver()
    void two.join(heard.given).listen(topic)
    const from = one.join(receiver().given)
    await from.publish(eventOf('z'.repeat(20_000)))
    expect(fellBehind.mock.calls).toEqual([[2]])
    begin()
    await until(() => heard.seen.includes('gap'))
  })

  it('does not wait for a worker that died', async () => {
    const [{ bus: one }, { bus: two }] = [busOf({ busStalledMs: 60_000 }), busOf()]
    const { port2 } = connect(one, two, false)
    void two.join(receiver().given).listen(topic)
    const from = one.join(receiver().given)
    const publication = from.publish(eventOf('z'.repeat(20_000)))
    port2.close()
    await publication
    expect(from.publish(eventOf('nobody'))).toBeUndefined()
  })

  it('settles listen when the other workers have confirmed it, and reports a gap if one took too long', async () => {
    const { bus: one } = busOf({ busStalledMs: 50 })
    const { bus: two } = busOf()
    const { begin } = connect(one, two, false)
    const heard = receiver()
    const member = one.join(heard.given)
    await member.listen(topic)
    expect(heard.seen).toEqual([])
    begin()
    await until(() => heard.seen.length === 1)
    expect(heard.seen).toEqual(['gap'])
    expect(member.listen(other)).toBeUndefined()
  })

  it('delivers nothing to a member that has left', async () => {
    const [{ bus: one }, { bus: two }] = [busOf(), busOf()]
    connect(one, two)
    const heard = receiver()
    const member = two.join(heard.given)
    await member.listen(topic)
    const from = one.join(receiver().given)
    from.publish(eventOf('on its way'))
    member.leave()
    member.leave()
    const last = receiver()
    await two.join(last.given).listen(topic)
    await from.publish(eventOf('later'))
    await until(() => last.seen.length === 2)
    expect(heard.seen).toEqual([])
  })
})
