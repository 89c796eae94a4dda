import { describe, expect, it } from 'vitest'
import type { AcceptorEvents, AcceptorListener } from '../../src/acceptor.ts'
import { CloseAttempts } from '../../src/close-attempts.ts'
import { Listeners } from '../../src/listeners.ts'
import { TestClock } from '../support/test-clock.ts'

const events = {} as AcceptorEvents

function stage() {
  const clock = new TestClock()
  const lines: [facts: object, text: string][] = []
  const line = (facts: object, text: string) => void lines.push([facts, text])
  const log = { debug: line, info: line, warn: line, error: line }
  const attempts = new CloseAttempts(clock, log, 500)
  return { clock, lines, attempts, listeners: new Listeners(attempts) }
}

describe('The listener that a server returns', () => {
  it.each<[string, object]>([
    ['nothing', {}],
    ['a back end', { backend: 'net' }],
    ['an endpoint', { endpoint: { kind: 'tcp' } }],
    ['both', { backend: 'net', endpoint: { kind: 'tcp' } }],
    ['its addresses', { urls: ['pipe:bound', 'pipe:other'] }],
  ])('has the url of the acceptor and, in addition, %s', async (_, more) => {
    const { listeners } = stage()
    let closes = 0
    const given = { url: 'pipe:bound', ...more, close: async () => void closes++ }
    const {
      close,
      [Symbol.asyncDispose]: disposes,
      ...facts
    } = await listeners.listen({ url: 'pipe:x', listen: async () => given }, events)
    expect(facts).toEqual({ url: 'pipe:bound', ...more })
    expect(Object.keys(facts)).toHaveLength(1 + Object.keys(more).length)
    expect(disposes()).toBe(close())
    expect(close()).toBe(close())
    await close()
    await listeners.close()
    expect(closes).toBe(1)
  })

  it.each(['url', 'backend', 'endpoint', 'urls'])(
    'is refused and closed if its %s throws, and the message has that name',
    async (name) => {
      const { listeners } = stage()
      let closes = 0
      const given = Object.defineProperty({ url: 'pipe:x', close: async () => void closes++ }, name, {
        get() {
          throw new Error('from the getter')
        },
      })
      await expect(
        listeners.listen({ url: 'pipe:x', listen: async () => given }, events),
      ).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`the listener that listen of the acceptor pipe:x returned.${name}`),
      })
      expect(closes).toBe(1)
      await listeners.close()
      expect(closes).toBe(1)
    },
  )
})

it('an error of an acceptor is passed on unchanged, with its own stack', async () => {
  const failure = new Error('EBUSY')
  const { stack } = failure
  const { listeners } = stage()
  const listening = listeners.listen({ url: 'pipe:x', listen: () => Promise.reject(failure) }, events)
  await expect(listening).rejects.toBe(failure)
  expect(failure.stack).toBe(stack)
})

it.each([[['pipe:x', 7]], ['pipe:x'], [{}]])(
  'a listener whose urls are %j is refused and closed',
  async (urls) => {
    const { listeners } = stage()
    let closes = 0
    const given = { url: 'pipe:x', urls, close: async () => void closes++ } as unknown as AcceptorListener
    await expect(
      listeners.listen({ url: 'pipe:x', listen: async () => given }, events),
    ).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('not an array of strings'),
    })
    expect(closes).toBe(1)
  },
)

describe('The end of a server', () => {
  it('immediately rejects a pending listen, with the url, and closes a listener that appears too late', async () => {
    const { clock, listeners, lines } = stage()
    let give: (listener: AcceptorListener) => void = () => undefined
    let closes = 0
    const listening = listeners.listen(
      {
        url: 'pipe:slow',
        listen: () =>
          new Promise((resolve) => {
            give = resolve
          }),
      },
      events,
    )
    const closing = listeners.close()
    await expect(listening).rejects.toMatchObject({
      code: 'SERVER_CLOSED',
      message: expect.stringMatching(/^pipe:slow: /),
    })
    give({ url: 'pipe:slow', close: async () => void closes++ })
    await clock.until(closing)
    expect([closes, lines, clock.timers]).toEqual([1, [], []])
  })

  it('waits for pending listeners up to a limit, and logs the url of those that are too slow', async () => {
    const { clock, listeners, lines } = stage()
    let refuse: (error: Error) => void = () => undefined
    const slow = { url: 'pipe:slow', listen: () => new Promise<never>(() => undefined) }
    const failing = {
      url: 'pipe:failing',
      listen: () =>
        new Promise<never>((_, reject) => {
          refuse = reject
        }),
    }
    const listening = [slow, failing].map((acceptor) => listeners.listen(acceptor, events))
    const ended: string[] = []
    const closing = listeners.close().then(() => void ended.push('closed'))
    for (const each of listening) await expect(each).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
    clock.advance(499)
    refuse(new Error('EBUSY'))
    await new Promise((resolve) => setImmediate(resolve))
    ended.push('499 ms')
    await clock.until(closing)
    expect(ended).toEqual(['499 ms', 'closed'])
    expect(clock.nowMs()).toBe(500)
    expect(lines).toStrictEqual([
      [
        { url: 'pipe:slow' },
        'a listener that was about to listen did not close within 500 ms; the server stopped waiting for it',
      ],
    ])
  })

  it('waits for closing listeners up to a limit, logs those that are too slow, and logs failures', async () => {
    const { clock, listeners, lines } = stage()
    const never = () => new Promise<never>(() => undefined)
    const failure = new Error('EBUSY')
    const closes = [never, () => Promise.reject(failure)]
    for (const [index, close] of closes.entries()) {
      await listeners.listen({ url: 'x', listen: async () => ({ url: `pipe:${index}`, close }) }, events)
    }
    await clock.until(listeners.close())
    expect(clock.nowMs()).toBe(500)
    expect(lines).toEqual([
      [{ url: 'pipe:1', err: failure }, 'a listener failed to close'],
      [{ url: 'pipe:0' }, 'a listener did not close within 500 ms; the server stopped waiting for it'],
    ])
  })

  it('does not wait for a listener that was closed before', async () => {
    const { clock, listeners } = stage()
    let closes = 0
    const listener = await listeners.listen(
      { url: 'x', listen: async () => ({ url: 'x', close: async () => void closes++ }) },
      events,
    )
    await listener.close()
    await clock.until(listeners.close())
    expect(closes).toBe(1)
  })

  it('releases each acceptor that has release, once, and logs failures', async () => {
    const { clock, listeners, lines } = stage()
    const released: string[] = []
    const listen = async () => ({ url: 'x', close: async () => undefined })
    const failure = new Error('EBUSY')
    const good = { url: 'pipe:good', listen, release: () => void released.push('good') }
    const bad = {
      url: 'pipe:bad',
      listen,
      release: () => {
        throw failure
      },
    }
    for (const acceptor of [good, good, bad, { url: 'pipe:plain', listen }])
      await listeners.listen(acceptor, events)
    await clock.until(listeners.release())
    expect([released, lines]).toEqual([
      ['good'],
      [[{ url: 'pipe:bad', err: failure }, 'an acceptor failed to close']],
    ])
  })

  it('logs no url for an attempt without one', async () => {
    const { clock, attempts, lines } = stage()
    const failure = new Error('no')
    await clock.until(attempts.make('a transport', undefined, () => Promise.reject(failure)))
    expect(lines).toStrictEqual([[{ err: failure }, 'a transport failed to close']])
  })
})
