import { afterEach, describe, expect, test, vi } from 'vitest'

/** Everything that vitest can fake, except `nextTick`, which it refuses in child processes. */
const everything = [
  ...([
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'clearImmediate',
  ] as const),
  ...(['Date', 'performance', 'hrtime', 'queueMicrotask'] as const),
] as const

const fakes = {
  'the default': undefined,
  everything: { toFake: [...everything] },
}

afterEach(() => void vi.useRealTimers())

type Scenario = typeof import('./scenario.mjs')

/** Loads the packages and their imports again. */
function load(): Promise<Scenario> {
  vi.resetModules()
  return import('./scenario.mjs')
}

const { backEnds } = await load()

describe.each(await backEnds())('With timers faked by vitest, on %s,', (backend) => {
  describe.each(Object.entries(fakes))('%s', (_, options) => {
    test('before the first import, calls, deadlines and heartbeats still work', async () => {
      vi.useFakeTimers(options)
      const { exercise } = await load()
      await exercise(backend)
      expect(vi.getTimerCount()).toBe(0)
    })

    test('after the first import, they still work, and again with real timers, and once more', async () => {
      const { exercise } = await load()
      await exercise(backend)
      for (let round = 0; round < 2; round++) {
        vi.useFakeTimers(options)
        let fired = false
        setTimeout(() => {
          fired = true
        }, 1)
        await exercise(backend)
        // The timers are still fake, and only the timer of the test is pending.
        expect({ fired, timers: vi.getTimerCount() }).toEqual({ fired: false, timers: 1 })
        vi.advanceTimersByTime(1)
        expect(fired).toBe(true)
        vi.useRealTimers()
        await exercise(backend)
      }
    })

    test('before the first import, and real timers later, they still work', async () => {
      vi.useFakeTimers(options)
      const { exercise } = await load()
      await exercise(backend)
      vi.useRealTimers()
      await exercise(backend)
    })
  })
})

test.each(['before', 'after'])(
  'virtual time only advances by its clock with timers faked %s the first import',
  async (when) => {
    vi.resetModules()
    if (when === 'after') await import('@frameport/testing')
    vi.useFakeTimers()
    const { createVirtualClock } = await import('@frameport/testing')
    const clock = createVirtualClock()
    const fired: string[] = []
    clock.setTimer(100, () => void fired.push('virtual'))
    setTimeout(() => fired.push('fake'), 100)
    vi.advanceTimersByTime(1000)
    expect(fired).toEqual(['fake'])
    await clock.advance(100)
    expect(fired).toEqual(['fake', 'virtual'])
  },
)
